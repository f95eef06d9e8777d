"""What a table costs under zCDP, and the ledger and anchor that keep the lifetime budget.

Imports: crypto, survey.plan.
Imported by: analysis.commands, analysis.custody, analysis.exports, analysis.noise, analysis.planning,
analysis.releasing, analysis.study, analysis.terminal_views, analysis.verification.
"""
