"""The database of sealed answers: what strangers' process may insert, and apart from it the owner's access.

Imports: crypto, survey.database, survey.database.compaction.
Imported by: survey.admission, survey.commands, survey.demo, survey.operations, survey.plain_form, survey.respond_app.
"""
