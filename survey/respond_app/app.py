"""The two applications as values: one that respondents reach, one for staff; two processes that share no secret."""

from flask import Flask
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]

from crypto.envelope import BODY_VERSION, PLAINTEXT_MAX, record_size
from survey.answers_db.sealed_rows import connect_respond
from survey.desk_app import views
from survey.office_db.accounts import Clock
from survey.office_db.tables import connect_office
from survey.plain_form import form
from survey.publication.folder import Published
from survey.publication.frontend_files import load_assets
from survey.respond_app import (
    field_kit_page,
    log_pages,
    phone_page,
    results_pages,
    withdraw,
    withdraw_page,
    work_challenges,
)
from survey.settings import Settings
from survey.web.factory import NoSessions, bare_app, from_environ
from survey.web.headers import guard
from survey.web.request_language import install_languages
from survey.wording.catalogues import load_wordings

FORM_SIZE = 16 * 1024


def respond_app(settings: Settings) -> Flask:
    """Return the app for respondents and the public: it adds sealed rows and reads the published folder."""
    app = _app(settings)
    app.config["MAX_CONTENT_LENGTH"] = len(BODY_VERSION) + record_size(PLAINTEXT_MAX)
    assets = load_assets()
    app.extensions["sotto"] = phone_page.Host(
        engine=connect_respond(settings.answers_url),
        published=Published(settings.public),
        assets=assets,
        style=assets.styles["page"],
    )
    app.extensions["published"] = Published(settings.public)
    app.extensions["plainform"] = form.PlainForm(style=assets.styles["plain"], wordings=load_wordings("plain"))
    app.extensions["kit"] = field_kit_page.Kit(wordings=load_wordings("kit"), style=assets.styles["kit"])
    app.extensions["work"] = work_challenges.WorkDesk(Published(settings.public), settings.work_key)
    app.extensions["receipts"] = log_pages.Receipts.of(load_wordings("receipt"), assets)
    app.session_interface = NoSessions()
    app.register_blueprint(phone_page.bp)
    app.register_blueprint(work_challenges.bp)
    app.register_blueprint(field_kit_page.bp)
    app.register_blueprint(form.bp)
    app.register_blueprint(results_pages.bp)
    app.register_blueprint(withdraw_page.bp)
    app.register_blueprint(log_pages.bp)
    app.register_blueprint(withdraw.bp)
    guard(app, referrer_policy="no-referrer")
    return app


def desk_app(settings: Settings, clock: Clock = views.system_clock) -> Flask:
    """Return the app for staff: the office database and nothing of the answers; `clock` gives Unix seconds."""
    app = _app(settings)
    insecure = settings.insecure_cookies
    app.config.update(
        SECRET_KEY=settings.required_secret_key,
        MAX_CONTENT_LENGTH=FORM_SIZE,
        # The __Host- name makes browsers refuse the cookie unless it is Secure and of this host alone.
        SESSION_COOKIE_NAME="sotto" if insecure else "__Host-sotto",
        SESSION_COOKIE_SECURE=not insecure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        # A form left open over lunch still works: the token lives as long as the session.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["sotto"] = views.Office(connect_office(settings.office_url), load_assets(), insecure)
    app.extensions["clock"] = clock
    CSRFProtect(app)
    app.register_blueprint(views.bp)
    # Flask-WTF checks the Referer of every HTTPS form, so staff pages must send one to themselves.
    guard(app, referrer_policy="same-origin")
    return app


def respond_app_from_environ() -> Flask:
    """Return the respond app of this environment, for gunicorn."""
    return from_environ(respond_app)


def desk_app_from_environ() -> Flask:
    """Return the desk app of this environment, for gunicorn."""
    return from_environ(desk_app)


def _app(settings: Settings) -> Flask:
    app = bare_app(settings)
    install_languages(app)
    return app
