"""The desk as a process: its application, with the one program that it starts, which reads authors' files.

Imports: survey.desk_app, survey.desk_app.authoring, survey.document, survey.web.
Imported by: nobody.
"""
