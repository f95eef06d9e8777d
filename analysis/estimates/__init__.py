"""From consistent counts to shares, margins of error, weights and comparisons.

Imports: analysis.consistency, analysis.study, crypto, survey.plan, survey.questionnaire, survey.release.
Imported by: analysis.commands, analysis.planning, analysis.releasing, analysis.report, analysis.terminal_views,
analysis.verification.
"""
