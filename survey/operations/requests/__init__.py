"""The operator: carries out what staff ask at the desk, one request at a time, as the commands do.

Imports: crypto, survey.document, survey.errors, survey.faults, survey.office_db, survey.office_db.people,
survey.operations, survey.plan, survey.release, survey.settings, survey.wave.
Imported by: survey.commands, survey.demo.
"""
