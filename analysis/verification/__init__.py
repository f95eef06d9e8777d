"""Checks a release and a box again from their documents alone.

Imports: analysis.budget, analysis.consistency, analysis.counting, analysis.estimates, analysis.noise,
analysis.releasing, analysis.study, crypto, survey.document, survey.plan, survey.questionnaire, survey.release,
survey.wave.
Imported by: analysis.__main__, analysis.terminal_views.
"""
