"""What was begun on the phone and is no answer yet: no draft goes past it, and no assistant finds it."""

from phone.site import PHONE, Phone
from playwright.sync_api import expect
from studies.market import Study
from studies.showcase import Person, showcase, showing

from crypto.canonical import canonical
from survey.questionnaire.questionnaire import Questionnaire


def test_what_was_half_given_in_private_is_gone_when_the_device_is_given_back(browser):
    """A private question that was left unanswered is asked again with empty fields, also where it held an ending."""
    whole, plain = showcase()
    document = plain.questionnaire.to_json()
    next(item for item in document["items"] if item["id"] == "AGE")["private"] = True
    private = Study(Questionnaire.from_bytes(canonical(document)), dict(plain.texts))
    with showing(whole, private) as site, browser.new_context(**PHONE) as context:
        phone = Phone(context, site).open(site.link + "&m=assisted")
        phone.choose("en")
        for press in ("agree", "next"):
            phone.do(press)
        for typed in ("4x", "17", "9"):
            phone.answer(1)
            phone.heading(phone.word("handover-title"))
            phone.do("handover")
            expect(phone.page.locator("main input")).to_have_value("")
            phone.type("main input", typed)
            phone.do("back")
            phone.heading(phone.word("giveback-title"))
            phone.do("handover")


def test_a_draft_does_not_lead_past_an_age_that_ends_the_interview(browser):
    """Who typed 17 and saved is asked their age again, and 17 ends the interview."""
    with showing(*showcase()) as site, browser.new_context(**PHONE) as context:
        before = Phone(context, site)
        Person(before).begin().go_to("AGE")
        before.type("main input", "17")
        before.do("draft-save")
        before.do("draft-go")
        expect(before.page.locator(".code li")).to_have_count(8)
        code = " ".join(before.page.locator(".code li").all_inner_texts())
        before.page.close()
        phone = Phone(context, site).open()
        phone.choose("en")
        phone.do("draft-continue")
        phone.type("#code", code)
        phone.do("draft-open")
        phone.do("agree")
        assert "AGE" == Person(phone).item()
        expect(phone.page.locator("main input")).to_have_value("17")
        phone.do("next")
        phone.do("next")
        phone.heading(phone.word("ended-title"))
