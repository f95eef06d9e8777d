"""The command line `sotto`: parses, calls an operation, shows what happened.

Imports: crypto, survey.addresses, survey.answers_db, survey.authoring, survey.authoring.xlsform,
survey.authoring.xlsform.sheets, survey.database, survey.demo, survey.desk_app, survey.http_client, survey.issuer_app,
survey.loopback, survey.office_db, survey.operations, survey.paper, survey.public_log, survey.questionnaire,
survey.release, survey.respond_app, survey.serving, survey.settings, survey.wave.
Imported by: nobody.
"""
