"""A release as a folder for a repository: RO-Crate, CSV on the Web, DataCite, a README, and a reader for R.

Imports: analysis.exports, crypto, survey.questionnaire, survey.release, survey.workbook.
Imported by: analysis.exports.
"""
