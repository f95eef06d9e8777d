"""The published folder: all that the processes facing the public may read.

Imports: crypto, survey.document, survey.names, survey.questionnaire, survey.release, survey.wave.
Imported by: survey.admission, survey.desk_app, survey.issuer_app, survey.operations, survey.plain_form,
survey.preview, survey.public_log, survey.respond_app, survey.web.
"""
