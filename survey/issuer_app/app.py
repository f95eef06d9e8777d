"""The factory of the issuer app: invitations of the office database and the issuer keys, and no answers."""

from flask import Flask

from survey.issuer_app import views
from survey.issuer_app.keys import IssuerKeys
from survey.issuer_app.settings import IssuerSettings
from survey.office_db.availability import require_office
from survey.office_db.invitations import connect_issuer
from survey.publication.folder import Published
from survey.web.factory import NoSessions, app_from_environ, bare_app
from survey.web.headers import install_headers
from survey.web.health import install_health


# Decision 56.
def issuer_app(settings: IssuerSettings) -> Flask:
    """Return the app that signs tokens blind: it reads invitations and marks them as used."""
    app = bare_app(settings.hosts)
    app.config["MAX_CONTENT_LENGTH"] = views.REDEEM_SIZE
    engine = connect_issuer(settings.office_url)
    app.extensions["issuer"] = views.IssuerResources(
        engine=engine,
        published=Published(settings.public),
        keys=IssuerKeys(settings.issuer_keys),
    )
    app.session_interface = NoSessions()
    app.register_blueprint(views.bp)
    install_headers(app, referrer_policy="no-referrer")
    install_health(app, lambda: require_office(engine))
    return app


def issuer_app_from_environ() -> Flask:
    """Return the issuer of this environment, for gunicorn."""
    return app_from_environ(lambda environ: issuer_app(IssuerSettings.from_environ(environ)))
