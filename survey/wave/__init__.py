"""What is fixed for a wave: its manifest, the issuer's key, the custody of its key, the respondent's link and code.

Imports: crypto, survey.addresses, survey.document, survey.loopback, survey.names, survey.questionnaire, survey.signed.
Imported by: analysis.commands, analysis.counting, analysis.custody, analysis.opening, analysis.releasing,
analysis.sharding, analysis.study, analysis.terminal_views, analysis.verification, survey.authoring,
survey.authoring.editing, survey.commands, survey.demo, survey.desk_app, survey.desk_app.checklist,
survey.desk_app.results, survey.issuer_app, survey.office_db, survey.operations, survey.operations.requests,
survey.paper, survey.plain_form, survey.preview, survey.public_log, survey.publication, survey.release,
survey.simulation.
"""
