"""What the desk's child process runs: it gives up what a stranger's file could misuse, then says all of the file.

Imports: crypto, survey.authoring, survey.authoring.editing, survey.commands, survey.desk_app.authoring, survey.faults,
survey.paper, survey.preview, survey.wording.
Imported by: survey.commands.
"""
