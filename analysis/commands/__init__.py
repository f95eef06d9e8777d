"""The commands of `sotto` that run in the analysis process.

Imports: analysis.budget, analysis.custody, analysis.estimates, analysis.exports, analysis.noise, analysis.opening,
analysis.pictures, analysis.planning, analysis.releasing, analysis.report, analysis.sharding, analysis.study,
analysis.terminal_views, crypto, survey.authoring, survey.plan, survey.questionnaire, survey.release, survey.wave,
survey.wording.
Imported by: analysis.__main__.
"""
