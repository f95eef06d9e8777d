"""The collection host as a whole, for who runs it: installed, looked at, and taken away again, with its data kept.

Imports: crypto, survey.database, survey.document, survey.http_client, survey.settings.
Imported by: survey.commands, survey.service.doctor.
"""
