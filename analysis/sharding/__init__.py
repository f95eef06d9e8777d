"""Parts of a box opened on other machines: keys, seed and counts cross a folder that nobody has to trust.

Imports: analysis.counting, crypto, survey.document, survey.names, survey.plan, survey.questionnaire, survey.wave.
Imported by: analysis.commands, analysis.releasing.
"""
