"""The form for browsers without JavaScript, sealed on arrival, where a study allows it.

Imports: crypto, survey.admission, survey.answers_db, survey.publication, survey.questionnaire,
survey.questionnaire.rules, survey.wave, survey.web, survey.wording.
Imported by: survey.respond_app.
"""
