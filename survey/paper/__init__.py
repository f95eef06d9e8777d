"""What is printed: the questionnaire, translation tables, codebook and slips.

Imports: crypto, survey.authoring, survey.document, survey.faults, survey.media_types, survey.questionnaire,
survey.typesetting, survey.wave, survey.wording.
Imported by: survey.commands, survey.commands.examining.
"""
