"""The study key among custodians: ceremony, cards, intent, resharing, destruction.

Imports: analysis.budget, analysis.opening, analysis.study, crypto, survey.authoring.editing, survey.document,
survey.plan, survey.questionnaire, survey.release, survey.signed, survey.typesetting, survey.wave, survey.wording.
Imported by: analysis.commands, analysis.releasing, analysis.terminal_views.
"""
