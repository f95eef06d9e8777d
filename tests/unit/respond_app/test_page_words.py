"""Pages beside the questions in a study whose languages they have no words in: English, said once, as English."""

import re

import pytest
from hosts.applications import respond_app
from hosts.tokened import InvitedStudy
from studies.four_scripts import LOCALES

from survey.publication.folder import Published

OWN = {
    "ar": ("العربية", "rtl"),
    "fa": ("فارسی", "rtl"),
    "bo": ("བོད་ཡིག", "ltr"),
    "th": ("ไทย", "ltr"),
    "ug": ("ئۇيغۇرچە", "rtl"),
}


@pytest.fixture
def client(settings):
    """Return a client of the respond app, with a function that publishes the study in some languages."""
    host = InvitedStudy(settings).publish()
    client = respond_app(settings).test_client()

    def page(path: str, *locales: str, **members: object) -> str:
        host.state("open", **members)
        published = Published(settings.public)
        state = published.study(host.study)
        names = {locale: OWN[locale][0] for locale in locales}
        directions = {locale: OWN[locale][1] for locale in locales}
        more = {"locales": locales, "names": names, "titles": names, "directions": directions}
        published.write_study(state.model_copy(update=more))
        return client.get(path.format(study=state.study)).text

    return page


@pytest.mark.parametrize("members", [{}, {"mode": "open", "issuer": None, "earlier": ()}])
def test_the_withdrawal_page_says_english_once_and_as_english(client, members):
    """Four languages without words of their own have one text, from left to right; Uyghur, which has, keeps its own."""
    for locales, wanted in ((LOCALES, {"en"}), ((*LOCALES, "ug"), {"ug", "en"})):
        page = client("/w/{study}", *locales, **members)
        assert set(re.findall(r'<(?:p|section|span)[^>]* lang="([\w-]+)"', page)) == wanted
        assert set(re.findall(r'lang="en" dir="(\w+)"', page)) == {"ltr"}
