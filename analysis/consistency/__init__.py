"""Noisy tables made to agree with one another by generalised least squares.

Imports: crypto, survey.plan, survey.questionnaire, survey.release.
Imported by: analysis.estimates, analysis.planning, analysis.releasing, analysis.report, analysis.terminal_views,
analysis.verification.
"""
