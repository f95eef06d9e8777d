"""Exact counts of decoded answers: contingency tables, indicators, phrases.

Imports: analysis.opening, crypto, survey.plan, survey.questionnaire, survey.questionnaire.rules, survey.release,
survey.wave.
Imported by: analysis.planning, analysis.releasing, analysis.sharding, analysis.verification.
"""
