"""The words of the interface: PO catalogues and the languages of a page.

Imports: survey.faults, survey.questionnaire.
Imported by: analysis.commands, analysis.custody, analysis.pictures, survey.authoring, survey.authoring.xlsform,
survey.authoring.xlsform.sheets, survey.paper, survey.plain_form, survey.release, survey.respond_app, survey.web,
survey.workbook.
"""
