"""A release as a document, and the one reader of it that pages, pictures, reports, files and terminals share.

Imports: survey.document, survey.names, survey.plan, survey.questionnaire, survey.signed, survey.wave, survey.wording.
Imported by: analysis.commands, analysis.consistency, analysis.counting, analysis.custody, analysis.estimates,
analysis.exports, analysis.exports.repository, analysis.noise, analysis.pictures, analysis.planning, analysis.releasing,
analysis.report, analysis.study, analysis.terminal_views, analysis.verification, survey.commands, survey.demo,
survey.desk_app, survey.desk_app.results, survey.operations, survey.operations.requests, survey.public_log,
survey.publication, survey.respond_app, survey.web, survey.workbook.
"""
