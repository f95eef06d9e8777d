"""The desk's pages of one wave: its life as a checklist with the command of each step, its documents, its fieldwork.

Imports: survey.desk_app, survey.office_db, survey.office_db.people, survey.wave, survey.web, survey.wording.
Imported by: survey.desk_app.
"""
