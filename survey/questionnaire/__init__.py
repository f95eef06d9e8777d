"""What is asked: the questionnaire as a document, and one person's answers as bytes.

Imports: crypto, survey.document, survey.names.
Imported by: analysis.commands, analysis.consistency, analysis.counting, analysis.custody, analysis.estimates,
analysis.exports, analysis.exports.repository, analysis.opening, analysis.pictures, analysis.planning,
analysis.releasing, analysis.report, analysis.sharding, analysis.study, analysis.terminal_views, analysis.verification,
survey.authoring, survey.authoring.checks, survey.authoring.editing, survey.authoring.xlsform,
survey.authoring.xlsform.expressions, survey.authoring.xlsform.review, survey.authoring.xlsform.sheets, survey.commands,
survey.demo, survey.desk_app, survey.desk_app.results, survey.office_db, survey.operations, survey.paper,
survey.plain_form, survey.plan, survey.preview, survey.public_log, survey.publication, survey.questionnaire.rules,
survey.release, survey.simulation, survey.wave, survey.wording.
"""
