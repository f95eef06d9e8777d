"""Whether a record may enter the answers database: token or proof of work, size and wave.

Imports: crypto, survey.answers_db, survey.publication, survey.web.
Imported by: survey.operations, survey.plain_form, survey.preview, survey.respond_app.
"""
