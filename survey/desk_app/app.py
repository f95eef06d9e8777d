"""The factory of the desk app, the application for staff: the office database, and no access to answers."""

from flask import Flask
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]  # it has no types

from survey.desk_app import account, audit_views, entry, passkey_views, people_views, request_views, signed_in, views
from survey.desk_app.authoring import views as authoring
from survey.desk_app.authoring.reader import Examine, examine_nowhere
from survey.desk_app.checklist import fieldwork
from survey.desk_app.checklist import views as checklist_views
from survey.desk_app.health import views as health_views
from survey.desk_app.releases import DeskReleases
from survey.desk_app.results import views as results_views
from survey.desk_app.settings import DeskSettings
from survey.office_db.availability import AWAY, require_office
from survey.office_db.desk_access import connect_desk
from survey.office_db.people.sign_in import Clock
from survey.publication.frontend_files import load_assets
from survey.web.factory import localised_app
from survey.web.headers import install_headers
from survey.web.health import install_health
from survey.web.own_origin import install_own_origin

FORM_SIZE = 16 * 1024


def desk_app(settings: DeskSettings, clock: Clock = views.system_clock, examine: Examine = examine_nowhere) -> Flask:
    """Return the desk app; `clock` gives Unix seconds, `examine` reads authors' files in another process."""
    assets = load_assets()
    app = localised_app(settings.hosts, assets)
    insecure = settings.insecure_cookies
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=FORM_SIZE,
        # The __Host- name makes browsers refuse the cookie unless it is Secure and of this host alone.
        SESSION_COOKIE_NAME="sotto" if insecure else "__Host-sotto",
        SESSION_COOKIE_SECURE=not insecure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        # The CSRF token is valid as long as the session, so that a form left open still works.
        WTF_CSRF_TIME_LIMIT=None,
    )
    engine = connect_desk(settings.office_url)
    app.extensions["sotto"] = signed_in.DeskResources(
        engine, DeskReleases(engine), assets, insecure, settings.unsigned_requests, settings.second_person, examine
    )
    app.extensions["clock"] = clock
    install_own_origin(app, plain_http=insecure)
    # Before what reads a form to look for its token.
    app.before_request(request_views.allow_uploads)
    app.before_request(authoring.allow_uploads)
    app.before_request(results_views.allow_uploads)
    CSRFProtect(app)
    own = (entry, views, audit_views, account, people_views, passkey_views, request_views)
    for pages in (*own, authoring, health_views, checklist_views, fieldwork, results_views):
        app.register_blueprint(pages.bp)
    # Staff pages must name themselves to themselves: browsers that send no Origin with a form send a Referer.
    install_headers(app, referrer_policy="same-origin")
    install_health(app, lambda: require_office(engine))
    for kind in AWAY:
        app.register_error_handler(kind, views.database_away)
    return app
