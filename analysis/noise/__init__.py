"""The one place that adds noise: discrete Gaussian, at the price that was paid.

Imports: analysis.budget, crypto, survey.plan, survey.release.
Imported by: analysis.commands, analysis.planning, analysis.releasing, analysis.terminal_views, analysis.verification.
"""
