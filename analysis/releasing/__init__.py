"""The run of a release: verify, open, count, pay, add noise, sign.

Imports: analysis.budget, analysis.consistency, analysis.counting, analysis.custody, analysis.estimates,
analysis.noise, analysis.opening, analysis.sharding, analysis.study, crypto, survey.document, survey.plan,
survey.questionnaire, survey.release, survey.signed, survey.wave.
Imported by: analysis.commands, analysis.verification.
"""
