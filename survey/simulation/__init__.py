"""Invented respondents, for demonstrations and tests.

Imports: crypto, survey.document, survey.questionnaire, survey.wave.
Imported by: analysis.planning, survey.demo.
"""
