"""The sheets of a form: a workbook's rows as questions, groups, choices and languages, and the report on them.

Imports: crypto, survey.authoring, survey.faults, survey.names, survey.questionnaire, survey.wording.
Imported by: survey.authoring.xlsform, survey.authoring.xlsform.expressions, survey.authoring.xlsform.review,
survey.commands.
"""
