"""The public, append-only log of what was decided, and how it is checked.

Imports: crypto, survey.document, survey.errors, survey.http_client, survey.loopback, survey.names,
survey.page_identity, survey.plan, survey.publication, survey.questionnaire, survey.release, survey.settings,
survey.wave.
Imported by: survey.commands, survey.demo, survey.operations, survey.respond_app.
"""
