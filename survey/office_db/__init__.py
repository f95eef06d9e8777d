"""The database of the staff: accounts, studies and their waves, invitations.

Imports: crypto, survey.database, survey.errors, survey.questionnaire, survey.wave.
Imported by: survey.commands, survey.desk_app, survey.issuer_app, survey.operations.
"""
