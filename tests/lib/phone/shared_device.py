"""A device that many people use: a study with private questions, and the phone that is handed over for them."""

from playwright.sync_api import BrowserContext, expect
from studies.market import Study, questionnaire
from studies.showcase import AT_ONCE

from crypto.canonical import canonical
from phone.site import Phone, Site
from survey.questionnaire.questionnaire import Questionnaire


def private_study() -> Study:
    """Return the market study, its two questions about trust private."""
    document = questionnaire().to_json()
    items = [{**item, "private": True} if item["id"] in {"TA", "TB"} else item for item in document["items"]]
    return Study(questionnaire=Questionnaire.from_bytes(canonical({**document, "items": items, "drafts": {"days": 7}})))


class Shared(Phone):
    """A phone that many people use, opened by a link that says so."""

    def __init__(self, context: BrowserContext, site: Site, mode: str, clock: bool = False) -> None:
        super().__init__(context, site)
        if clock:
            self.page.clock.install()
        else:
            self.page.add_init_script(AT_ONCE)
        self.open(f"{site.link}&m={mode}")
        self.at_start()

    def at_start(self) -> None:
        """Check that the first screen is shown, with no language chosen and nothing of an earlier person."""
        expect(self.page.locator("#languages summary")).to_have_count(3)
        expect(self.page.locator("details[data-locale][open]")).to_have_count(0)
        expect(self.page.locator("h2#ask, [data-code]")).to_have_count(0)

    def to_private(self) -> None:
        """Answer up to the screen that hands the device over."""
        self.choose("en")
        self.do("agree")
        self.answer(2)
        self.answer(90)
        self.do("next")
        self.heading(self.word("handover-title"))

    def finished(self) -> None:
        """Answer the last question, send, and see the thanks."""
        self.asks("LAST")
        self.answer(2)
        self.do("send")
        self.heading(self.word("stored-title"))
