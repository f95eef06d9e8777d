"""The process that respondents and the public reach: it adds sealed rows and reads the published folder.

Imports: crypto, survey.admission, survey.answers_db, survey.document, survey.environment, survey.media_types,
survey.names, survey.page_identity, survey.plain_form, survey.public_log, survey.publication, survey.release,
survey.web, survey.wording.
Imported by: survey.commands, survey.operations, survey.preview, survey.serving.
"""
