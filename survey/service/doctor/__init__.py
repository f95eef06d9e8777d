"""Looks at a whole collection host: one table of small checks, each with why it matters and what mends it.

Imports: crypto, survey.database, survey.http_client, survey.service.
Imported by: survey.commands.
"""
