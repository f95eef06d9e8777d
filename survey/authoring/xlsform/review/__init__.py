"""A questionnaire as a workbook for review in Excel and ODK, and that workbook back as the same questionnaire.

Imports: survey.authoring, survey.authoring.xlsform.sheets, survey.faults, survey.questionnaire, survey.yaml_text.
Imported by: survey.authoring.xlsform.
"""
