"""The command line `sotto`: parses, calls an operation, shows what happened.

Imports: crypto, survey.addresses, survey.answers_db, survey.authoring, survey.authoring.checks,
survey.authoring.editing, survey.authoring.xlsform, survey.authoring.xlsform.sheets, survey.commands.examining,
survey.database, survey.demo,
survey.desk_app, survey.faults, survey.http_client, survey.issuer_app, survey.loopback, survey.names,
survey.office_db, survey.office_db.people, survey.operations, survey.operations.requests, survey.paper,
survey.preview, survey.public_log, survey.questionnaire, survey.release, survey.respond_app, survey.service,
survey.service.doctor, survey.serving, survey.settings, survey.simulation, survey.wave, survey.wording.
Imported by: survey.commands.examining.
"""
