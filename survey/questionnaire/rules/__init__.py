"""What must hold for a questionnaire before anybody may be asked it.

Imports: crypto, survey.faults, survey.questionnaire.
Imported by: analysis.counting, analysis.planning, survey.authoring, survey.authoring.xlsform, survey.plain_form,
survey.plan, survey.preview.
"""
