"""The words of the interface: PO catalogues and the languages of a page.

Imports: survey.faults, survey.questionnaire.
Imported by: analysis.commands, analysis.custody, analysis.pictures, analysis.report, survey.authoring,
survey.authoring.checks, survey.authoring.editing, survey.authoring.xlsform, survey.authoring.xlsform.sheets,
survey.commands, survey.commands.examining, survey.desk_app.checklist, survey.paper, survey.plain_form, survey.preview,
survey.release, survey.respond_app, survey.web, survey.workbook.
"""
