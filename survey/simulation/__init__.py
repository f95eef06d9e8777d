"""Invented respondents, for demonstrations and tests.

Imports: crypto, survey.document, survey.questionnaire, survey.wave, survey.yaml_text.
Imported by: analysis.planning, survey.commands, survey.demo.
"""
