"""A study from an author's file, in the browser: what a child process read of it, shown and asked for.

Imports: survey.desk_app, survey.document, survey.errors, survey.names, survey.web.
Imported by: survey.commands.examining, survey.desk_app, survey.desk_process.
"""
