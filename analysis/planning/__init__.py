"""What a plan can show before it is paid for: expected margins, advice, a better split.

Imports: analysis.budget, analysis.consistency, analysis.counting, analysis.estimates, analysis.noise,
analysis.opening, analysis.study, survey.authoring, survey.plan, survey.questionnaire, survey.questionnaire.rules,
survey.release, survey.simulation, survey.yaml_text.
Imported by: analysis.commands, analysis.terminal_views.
"""
