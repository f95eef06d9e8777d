"""From a workbook in the XLSForm format to an authored questionnaire, with a report of every row that changed.

Imports: crypto, survey.authoring, survey.authoring.xlsform.expressions, survey.authoring.xlsform.review,
survey.authoring.xlsform.sheets,
survey.document, survey.faults, survey.names, survey.questionnaire, survey.questionnaire.rules, survey.wording,
survey.yaml_text.
Imported by: survey.commands.
"""
