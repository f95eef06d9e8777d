"""A release as files for other programs, each with the privacy statement.

Imports: analysis.budget, analysis.exports.repository, crypto, survey.plan, survey.questionnaire, survey.release,
survey.workbook.
Imported by: analysis.commands, analysis.exports.repository, analysis.pictures, analysis.report,
analysis.terminal_views.
"""
