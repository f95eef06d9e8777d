"""Engines and migrations of both databases.

Imports: crypto, survey.settings.
Imported by: survey.answers_db, survey.commands, survey.database.compaction, survey.demo, survey.office_db,
survey.office_db.people, survey.operations, survey.service, survey.service.doctor.
"""
