"""What helps while a questionnaire is written: blocks to include, its schema for editors, and what changed since.

Imports: survey.authoring, survey.faults, survey.names, survey.questionnaire, survey.wave, survey.wording.
Imported by: analysis.custody, analysis.study, survey.authoring, survey.commands, survey.commands.examining,
survey.operations.
"""
