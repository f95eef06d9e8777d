"""The factory of the respond app, the application for respondents and the public."""

from flask import Flask

from crypto.envelope import BODY_VERSION, PLAINTEXT_MAX, record_size
from survey.admission.respond_resources import RespondResources
from survey.answers_db.insert_only import connect_respond, require_answers
from survey.plain_form import form
from survey.plain_form.endings import MessagePages
from survey.publication.file_cache import FileCache
from survey.publication.folder import Published
from survey.publication.frontend_files import load_assets
from survey.respond_app import (
    field_kit_page,
    hand_in,
    log_pages,
    phone_page,
    results_pages,
    withdraw,
    work_challenges,
)
from survey.respond_app.error_pages import error_page
from survey.respond_app.page_assets import PageAssets
from survey.respond_app.settings import RespondSettings
from survey.web.factory import NoSessions, app_from_environ, localised_app
from survey.web.headers import install_headers
from survey.web.health import install_health
from survey.web.onion_location import install_onion_location
from survey.wording.catalogues import load_wordings


def respond_app(settings: RespondSettings) -> Flask:
    """Return the respond app: it inserts sealed rows and reads the published folder."""
    return application(settings, RespondResources(connect_respond(settings.answers_url), Published(settings.public)))


def application(settings: RespondSettings, resources: RespondResources) -> Flask:
    """Return the respond app over its resources; without an engine it shows every page and can store nothing."""
    assets, published = load_assets(), resources.published
    app = localised_app(settings.hosts, assets)
    app.config["MAX_CONTENT_LENGTH"] = len(BODY_VERSION) + record_size(PLAINTEXT_MAX)
    app.extensions["sotto"] = resources
    app.extensions["pages"] = PageAssets(assets)
    app.extensions["published"] = published
    app.extensions["views"] = results_pages.ReleaseViews(published, app.extensions["languages"])
    app.extensions["plainform"] = MessagePages(assets.styles["plain"], load_wordings("plain"))
    app.extensions["kit"] = field_kit_page.KitResources(wordings=load_wordings("kit"), style=assets.styles["kit"])
    app.extensions["work"] = work_challenges.WorkSecretFile(published, settings.work_key)
    app.extensions["receipts"] = log_pages.ReceiptPages.of(load_wordings("receipt"), assets)
    app.extensions["boxes"] = FileCache(log_pages.read_boxes, 1)
    app.session_interface = NoSessions()
    app.register_blueprint(phone_page.bp)
    app.register_blueprint(hand_in.bp)
    app.register_blueprint(work_challenges.bp)
    app.register_blueprint(field_kit_page.bp)
    app.register_blueprint(form.bp)
    app.register_blueprint(results_pages.bp)
    app.register_blueprint(log_pages.bp)
    app.register_blueprint(withdraw.bp)
    install_headers(app, "no-referrer", error_page)
    install_health(app, lambda: require_answers(resources.engine))
    install_onion_location(app, settings.hosts)
    return app


def respond_app_from_environ() -> Flask:
    """Return the respond app of this environment, for gunicorn."""
    return app_from_environ(lambda environ: respond_app(RespondSettings.from_environ(environ)))
