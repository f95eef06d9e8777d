"""The expressions of a form: their grammar, and what they mean for closed answers.

Imports: survey.authoring.xlsform.sheets, survey.faults, survey.questionnaire.
Imported by: survey.authoring.xlsform.
"""
