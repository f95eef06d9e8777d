"""The desk's pages of results: files of a release, a preview before it is published, and what the budget went for.

Imports: crypto, survey.desk_app, survey.document, survey.plan, survey.questionnaire, survey.release, survey.wave,
survey.web.
Imported by: survey.desk_app.
"""
