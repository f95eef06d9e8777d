"""From what an author writes in YAML to the compiled documents, every problem with its line.

Imports: crypto, survey.authoring.checks, survey.authoring.editing, survey.document, survey.faults, survey.media_types,
survey.names, survey.plan, survey.questionnaire, survey.questionnaire.rules, survey.wave, survey.wording,
survey.yaml_text.
Imported by: analysis.commands, analysis.planning, analysis.report, analysis.study, survey.authoring.checks,
survey.authoring.editing, survey.authoring.xlsform, survey.authoring.xlsform.review, survey.authoring.xlsform.sheets,
survey.commands, survey.commands.examining, survey.demo, survey.operations, survey.paper, survey.preview.
"""
