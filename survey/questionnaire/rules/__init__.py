"""What must hold for a questionnaire before anybody may be asked it.

Imports: crypto, survey.faults, survey.questionnaire.
Imported by: survey.authoring, survey.plain_form, survey.plan.
"""
