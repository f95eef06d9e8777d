"""What every web application shares: how one is made, its headers, language and limits.

Imports: crypto, survey.names, survey.publication, survey.release, survey.wording.
Imported by: survey.admission, survey.desk_app, survey.desk_app.authoring, survey.desk_app.checklist,
survey.desk_app.health, survey.desk_app.results, survey.desk_process, survey.issuer_app, survey.plain_form,
survey.preview, survey.respond_app.
"""
