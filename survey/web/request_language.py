"""The language of the staff and public pages: `?lang=`, else for staff what the browser asks for, else a default."""

from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g, request
from werkzeug.local import LocalProxy

from survey.wording.page_languages import NAMES, Language, load_languages, preferred_locale
from survey.wording.po_files import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Mapping


def install_languages(app: Flask) -> None:
    """Install `_()` and `ngettext()` in templates, in the language of the request."""
    app.extensions["languages"] = load_languages()
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
        lambda message: language().say(message),
        lambda one, many, number: language().say_number(one, many, number),
        newstyle=True,
    )
    # Links keep `?lang=`, so that the language is kept from page to page without a cookie.
    app.url_defaults(_keep_language)
    # Looked up where a template uses it: a page that does not, as the phone page, depends on no language of a browser.
    app.context_processor(lambda: {"language": LocalProxy(language), "languages": NAMES})
    app.after_request(_add_content_language)


def language() -> Language:
    """Return the language of the current request: `?lang=`, else the browser's preference, else English."""
    if "language" not in g:
        languages: Mapping[str, Language] = current_app.extensions["languages"]
        asked_for = request.args.get("lang", "")
        # Not werkzeug's best_match: it looks for whole tags first, so that of "en-GB, zh-CN" Chinese would come out.
        wanted = (tag for tag, quality in request.accept_languages if quality > 0)
        g.language = languages[asked_for if asked_for in NAMES else preferred_locale(wanted)]
    chosen: Language = g.language
    return chosen


def language_of_address(default: str) -> Language:
    """
    Return the language of a page that is the same for every browser: `?lang=`, else `default`, else English.

    What the browser's request says does not matter: the public log names pages by their bytes. A script leads a browser
    from the address without `?lang=` to its own (survey/browser/start/language.ts).
    """
    asked_for = request.args.get("lang", "")
    languages: Mapping[str, Language] = current_app.extensions["languages"]
    g.language = languages[next(tag for tag in (asked_for, default, DEFAULT) if tag in NAMES)]
    g.language_of_address = True
    return language()


def forget_language() -> None:
    """Let the answer name no language, since it speaks all of them, whichever was looked up before it failed."""
    g.pop("language", None)


def is_named_by_address() -> bool:
    """Return whether the address has a `?lang=`, be it one that there is not: then nobody is led to another."""
    return "lang" in request.args


def _keep_language(_endpoint: str, values: dict[str, str]) -> None:
    if request.args.get("lang") in NAMES:
        values.setdefault("lang", request.args["lang"])


def _add_content_language(response: Response) -> Response:
    if "language" in g:
        response.headers["Content-Language"] = g.language.locale
        if "language_of_address" not in g:
            response.vary.add("Accept-Language")
    return response
