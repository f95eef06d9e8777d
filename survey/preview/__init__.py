"""The preview of a questionnaire: the pages that phones get, beside its problems, for its author on this machine.

Imports: crypto, survey.admission, survey.authoring, survey.faults, survey.issuer_app, survey.loopback,
survey.publication, survey.questionnaire, survey.questionnaire.rules, survey.respond_app, survey.wave, survey.web,
survey.wording.
Imported by: survey.commands, survey.commands.examining.
"""
