"""The demonstration and the rehearsal: the whole path on one machine, with invented people.

Imports: crypto, survey.answers_db, survey.authoring, survey.database, survey.desk_app, survey.environment,
survey.http_client, survey.issuer_app, survey.operations, survey.questionnaire, survey.respond_app, survey.settings,
survey.simulation, survey.wave.
Imported by: survey.commands.
"""
