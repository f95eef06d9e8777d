"""What every web application shares: how one is made, its headers, language and limits.

Imports: crypto, survey.names, survey.publication, survey.release, survey.wording.
Imported by: survey.admission, survey.desk_app, survey.desk_app.health, survey.issuer_app, survey.plain_form,
survey.preview, survey.respond_app.
"""
