"""The issuer as a value: a process of its own with the office's invitations and the issuer keys, and no answers."""

from flask import Flask

from survey.issuer_app import views
from survey.issuer_app.keys import IssuerKeys
from survey.office_db.invitations import connect_issuer
from survey.publication.folder import Published
from survey.settings import Settings
from survey.web.factory import NoSessions, bare_app, from_environ
from survey.web.headers import guard


# Decision 56.
def issuer_app(settings: Settings) -> Flask:
    """Return the app that signs tokens blind: it reads and marks invitations, and knows nothing of an answer."""
    app = bare_app(settings)
    app.config["MAX_CONTENT_LENGTH"] = views.REDEEM_SIZE
    app.extensions["issuer"] = views.IssuerHost(
        engine=connect_issuer(settings.office_url),
        published=Published(settings.public),
        keys=IssuerKeys(settings.issuer_keys),
    )
    app.session_interface = NoSessions()
    app.register_blueprint(views.bp)
    guard(app, referrer_policy="no-referrer")
    return app


def issuer_app_from_environ() -> Flask:
    """Return the issuer of this environment, for gunicorn."""
    return from_environ(issuer_app)
