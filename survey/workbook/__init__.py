"""A release as an Excel workbook, and as the one long list of numbers that workbook and statistical files share.

Imports: crypto, survey.plan, survey.release, survey.wording.
Imported by: analysis.exports, analysis.exports.repository, survey.operations.
"""
