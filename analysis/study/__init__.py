"""The folder of a study on the analysis machine: its documents, releases and keys.

Imports: analysis.budget, crypto, survey.authoring, survey.authoring.editing, survey.document, survey.plan,
survey.questionnaire, survey.release, survey.signed, survey.wave.
Imported by: analysis.__main__, analysis.commands, analysis.custody, analysis.estimates, analysis.pictures,
analysis.planning, analysis.releasing, analysis.report, analysis.terminal_views, analysis.verification.
"""
