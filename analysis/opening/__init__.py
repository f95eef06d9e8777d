"""From a box of sealed records to decoded columns, in memory and nowhere else.

Imports: crypto, survey.questionnaire, survey.wave.
Imported by: analysis.__main__, analysis.commands, analysis.counting, analysis.custody, analysis.planning,
analysis.releasing.
"""
