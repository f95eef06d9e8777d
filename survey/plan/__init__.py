"""The plan: which contingency tables will be released, at which price, registered before the answers are opened.

Imports: crypto, survey.document, survey.faults, survey.names, survey.questionnaire, survey.questionnaire.rules,
survey.signed.
Imported by: analysis.budget, analysis.commands, analysis.consistency, analysis.counting, analysis.custody,
analysis.estimates, analysis.exports, analysis.noise, analysis.pictures, analysis.planning, analysis.releasing,
analysis.report, analysis.sharding, analysis.study, analysis.terminal_views, analysis.verification, survey.authoring,
survey.authoring.checks, survey.demo, survey.desk_app, survey.desk_app.results, survey.office_db, survey.operations,
survey.operations.requests, survey.public_log, survey.release, survey.workbook.
analysis.report, analysis.study, analysis.terminal_views, analysis.verification, survey.authoring,
survey.authoring.checks, survey.demo, survey.office_db, survey.operations, survey.operations.requests,
survey.public_log, survey.release, survey.workbook.
"""
