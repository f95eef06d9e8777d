"""A study from an author's file, in the browser: what a child process read of it, shown and asked for.

Imports: crypto, survey.desk_app, survey.document, survey.errors, survey.names, survey.office_db, survey.web.
Imported by: survey.commands.examining, survey.desk_app, survey.desk_process.
"""
