"""A release as charts.

Imports: analysis.exports, analysis.study, crypto, survey.plan, survey.questionnaire, survey.release,
survey.typesetting, survey.wording.
Imported by: analysis.commands, analysis.report.
"""
