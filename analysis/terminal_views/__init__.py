"""A release, a plan, a ledger as text on a terminal.

Imports: analysis.budget, analysis.consistency, analysis.custody, analysis.estimates, analysis.exports,
analysis.noise, analysis.planning, analysis.study, analysis.verification, crypto, survey.plan, survey.questionnaire,
survey.release, survey.wave.
Imported by: analysis.__main__, analysis.commands.
"""
