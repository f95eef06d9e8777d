"""What a colleague would say of an authored file: keys of other tools, signs of input methods, questions of no use.

Imports: survey.authoring, survey.faults, survey.plan, survey.questionnaire, survey.wording.
Imported by: survey.authoring, survey.commands.
"""
