"""The demonstration and the rehearsal: the whole path on one machine, with invented people.

Imports: crypto, survey.answers_db, survey.authoring, survey.database, survey.office_db.people, survey.operations,
survey.operations.requests, survey.plan, survey.public_log, survey.questionnaire, survey.release, survey.serving,
survey.settings, survey.simulation, survey.wave, survey.yaml_text.
Imported by: survey.commands.
"""
