"""Starts and stops the applications as processes of their own, for `sotto serve` and the demonstration.

Imports: crypto, survey.desk_app, survey.environment, survey.http_client, survey.issuer_app, survey.respond_app.
Imported by: survey.commands, survey.demo.
"""
