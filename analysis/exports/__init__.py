"""A release as files for other programs, each with the privacy statement.

Imports: analysis.budget, crypto, survey.plan, survey.questionnaire, survey.release, survey.wording.
Imported by: analysis.commands, analysis.pictures, analysis.report, analysis.terminal_views.
"""
