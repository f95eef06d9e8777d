"""The two applications as values: one that respondents reach, one for staff; two processes that share no secret."""

from flask import Flask
from flask_wtf import CSRFProtect  # type: ignore[import-untyped]

from crypto.envelope import BODY_VERSION, PLAINTEXT_MAX, record_size
from survey import desk, kit, log_pages, plainform, public, respond, withdraw_page, withdrawing, working
from survey.app_parts import NoSessions, bare_app, from_environ
from survey.assets import load_assets
from survey.headers import guard
from survey.localisation import install_languages
from survey.office import connect_office
from survey.plaintexts import load_wordings
from survey.published import Published
from survey.sessions import Clock
from survey.settings import Settings
from survey.store import connect_respond

FORM_SIZE = 16 * 1024


def respond_app(settings: Settings) -> Flask:
    """Return the app for respondents and the public: it adds sealed rows and reads the published folder."""
    app = _app(settings)
    app.config["MAX_CONTENT_LENGTH"] = len(BODY_VERSION) + record_size(PLAINTEXT_MAX)
    assets = load_assets()
    app.extensions["sotto"] = respond.Host(
        engine=connect_respond(settings.answers_url),
        published=Published(settings.public),
        assets=assets,
        style=assets.styles["page"],
    )
    app.extensions["published"] = Published(settings.public)
    app.extensions["plainform"] = plainform.PlainForm(style=assets.styles["plain"], wordings=load_wordings("plain"))
    app.extensions["kit"] = kit.Kit(wordings=load_wordings("kit"), style=assets.styles["kit"])
    app.extensions["work"] = working.WorkDesk(Published(settings.public), settings.work_key)
    app.extensions["receipts"] = log_pages.Receipts.of(load_wordings("receipt"), assets)
    app.session_interface = NoSessions()
    app.register_blueprint(respond.bp)
    app.register_blueprint(working.bp)
    app.register_blueprint(kit.bp)
    app.register_blueprint(plainform.bp)
    app.register_blueprint(public.bp)
    app.register_blueprint(withdraw_page.bp)
    app.register_blueprint(log_pages.bp)
    app.register_blueprint(withdrawing.bp)
    guard(app, referrer_policy="no-referrer")
    return app


def desk_app(settings: Settings, clock: Clock = desk.system_clock) -> Flask:
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
    app.extensions["sotto"] = desk.Office(connect_office(settings.office_url), load_assets(), insecure)
    app.extensions["clock"] = clock
    CSRFProtect(app)
    app.register_blueprint(desk.bp)
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
