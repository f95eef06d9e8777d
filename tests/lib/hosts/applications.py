"""The three applications over one collection host: each gets of the host's settings what it may know."""

from flask import Flask

from survey.desk_app import app as desk
from survey.desk_app.authoring.reader import Examine, examine_nowhere
from survey.desk_app.settings import DeskSettings
from survey.desk_app.views import system_clock
from survey.issuer_app import app as issuer
from survey.issuer_app.settings import IssuerSettings
from survey.office_db.people.sign_in import Clock
from survey.respond_app import app as respond
from survey.respond_app.settings import RespondSettings
from survey.settings import Settings

SECRET = "s" * 40


def respond_app(host: Settings) -> Flask:
    """Return the respond app of a collection host."""
    return respond.respond_app(RespondSettings(host.answers_url, host.public, host.work_key, host.hosts))


def desk_app(
    host: Settings,
    clock: Clock = system_clock,
    *,
    insecure_cookies: bool = False,
    unsigned: bool = True,
    second_person: bool = False,
    examine: Examine = examine_nowhere,
) -> Flask:
    """Return the desk of a collection host, whose operator takes what nobody signed unless `unsigned` is False."""
    settings = DeskSettings(host.office_url, host.hosts, SECRET, insecure_cookies, unsigned, second_person)
    return desk.desk_app(settings, clock, examine)


def issuer_app(host: Settings) -> Flask:
    """Return the issuer of a collection host."""
    return issuer.issuer_app(IssuerSettings(host.office_url, host.public, host.issuer_keys, host.hosts))
