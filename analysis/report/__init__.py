"""A release as sentences: findings and hypotheses beside their numbers.

Imports: analysis.consistency, analysis.estimates, analysis.exports, analysis.pictures, analysis.study, crypto,
survey.authoring, survey.plan, survey.questionnaire, survey.release, survey.typesetting,
survey.wording.
Imported by: analysis.commands.
"""
