"""The pages that respondents are served, as the public log names them, and their comparison with what a host sends.

Imports: crypto, survey.document, survey.http_client, survey.names.
Imported by: survey.public_log, survey.respond_app.
"""
