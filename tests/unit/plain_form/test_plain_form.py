"""The form without JavaScript over HTTP: asked, checked, sealed on arrival; nothing else is stored."""

import hashlib
import re
from urllib.parse import parse_qsl, urlencode

import pytest
from hosts.applications import respond_app
from sqlalchemy import event
from studies.plain_study import (
    FORM,
    QUESTIONS,
    SHORTEST,
    URL,
    WHOLE,
    PlainStudy,
    body,
    fields,
    fresh,
    home,
    questionnaire,
    texts,
)

from crypto.tokens import issuer_key_text
from survey.admission.respond_resources import RespondResources
from survey.database.engine import connect
from survey.plain_form.fields import LIMIT, NO, YES


@pytest.fixture
def study(tmp_path):
    return fresh(tmp_path)


@pytest.fixture
def app(study):
    app = respond_app(study.settings)
    yield app
    app.extensions["sotto"].engine.dispose()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def page(client) -> str:
    return client.post(f"{QUESTIONS}?lang=en").text


def send(client, data: bytes, **headers: str):
    return client.post(URL, data=data, headers=FORM | headers)


def faults(answer) -> list[str]:
    """Return the places that the page asks to look at again."""
    return re.findall(r'<li><a href="#(?:q-)?(\w+?)(?:_p\d)?">', answer.text)


READ = {
    "MODE": 1, "AGE": 2, "USE": 1, "HOW": 4, "BUY": (2, 4), "WHY": 2, "TWO": 99, "ROOMS": 2, "KIDS": 19, "SINCE": 98,
    "FACE": 1, "G_A": 3, "G_B": 98, "R_1": 2, "R_2": 4, "WORDS": ("warm soup", "蔬菜"), "ONLY": (2,), "SUM": 2,
}  # fmt: skip


@pytest.mark.parametrize("locale", ["en", "zh-Hans", "zh-Hant"])
def test_every_type_comes_back_as_it_was_answered(client, study, locale):
    """Opened with the study's key, the record holds exactly the answers, in this locale, marked as of mode server."""
    answer = send(client, body(client.post(f"{QUESTIONS}?lang={locale}").text, WHOLE))
    assert 200 == answer.status_code
    (opened,) = study.opened()
    assert READ == opened.answers
    assert (locale, "server", "long", "open", 0) == (
        opened.locale, opened.mode, opened.form, opened.stratum, opened.quality,
    )  # fmt: skip


def test_the_short_form_leaves_out_what_is_not_asked(client, study, page):
    """Answers to questions of another form, or of a path not taken, are not kept, as the page says."""
    marks = WHOLE | {"MODE": "002", "USE": "003", "AGE": "001"}
    assert 200 == send(client, body(page, marks)).status_code
    (opened,) = study.opened()
    assert {"HOW", "G_A", "G_B", "ONLY", "SUM"} == READ.keys() - opened.answers.keys()
    assert "What you mark at a question that is not for you is not kept." in page


def test_the_receipt_is_the_hash_of_the_stored_envelope(client, study, page):
    """The page that thanks shows the SHA-256 of exactly the envelope that was stored."""
    answer = send(client, body(page))
    (record,) = study.envelopes()
    assert [hashlib.sha256(record[352:]).hexdigest()] == re.findall(r"<code>(\w+)</code>", answer.text)


def test_each_sending_is_sealed_anew(client, study, page):
    """The same form sent twice is two envelopes that tell nothing of being alike, and the page warns of it."""
    answers = [send(client, body(page)) for _ in range(2)]
    assert 2 == len({record[352:] for record in study.envelopes()})
    assert all("your answers would be stored twice" in answer.text for answer in answers)


def test_the_pages_say_before_and_after_who_locks(client, page):
    """Before the questions and after sending it is said that the computer locks the answers and the phone does not."""
    assert "it is not your phone that locks your answers" in client.get(f"{URL}?lang=en").text
    assert "I know that the computer locks my answers, and not my phone." in page
    assert "Your phone did not lock them." in send(client, body(page)).text
    assert not re.search("anonym|unlinkab", page, re.IGNORECASE)


def test_the_consent_comes_before_the_questions(page):
    """The consent's text and its two answers stand before the first question, and neither answer is marked."""
    places = [page.index(part) for part in ("These belong together", 'id="consent-001"', 'id="q-MODE"')]
    assert sorted(places) == places
    assert "256" == fields(page)["consent"]


def test_who_declines_sends_nothing_that_is_kept(client, study, page):
    """A form sent with a no, or with no answer to the consent, stores nothing and says so."""
    declined = send(client, body(page, agreed=False))
    assert (200, True) == (declined.status_code, "declined!" in declined.text)
    neither = client.post(URL, data=urlencode({**fields(page), **SHORTEST}), headers=FORM)
    assert (422, ["consent", "ready"]) == (neither.status_code, faults(neither))
    assert [] == study.envelopes()


def test_an_answer_that_ends_the_interview_stores_nothing(client, study, page):
    """With an answer that ends the interview the page shows that ending, and nothing of the rest is kept."""
    answer = send(client, body(page, WHOLE | {"AGE": "000"}))
    assert (200, True) == (answer.status_code, "young!" in answer.text)
    assert [] == study.envelopes()


def asked_for(places: list[str]) -> set[str]:
    """Return the items that stand at these places: a group's are two."""
    return {*places} | ({"R_1", "R_2"} if "R" in places else set())


def in_sight(html: str) -> set[str]:
    """Return the ids of the sections and rows that a page does not hide."""
    every = re.findall(r'<(?:section|fieldset) class="(?:q|row)[^"]*" id="q-(\w+)"( hidden)?', html)
    return {name for name, hidden in every if not hidden}


MENDED = [
    ({"AGE": "256"}, ["AGE"], "Please choose an answer."),
    ({"BUY_s": "098"}, ["BUY"], "You marked answers and “98” as well."),
    ({"BUY_o002": NO, "BUY_o004": NO}, ["BUY"], "Please mark at least one, or choose one of the answers under it."),
    ({"BUY_o001": YES}, ["BUY"], "Please mark 2 at the most."),
    ({"ONLY_o003": YES}, ["ONLY"], "“Answer 3 of ONLY” cannot stand beside another answer."),
    ({"ONLY_o002": NO}, ["ONLY"], "Please mark at least one."),
    ({"R_2": "002"}, ["R"], "Please choose something different for each place."),
    ({"R_2": "099"}, ["R"], "Please choose for every place"),
    ({"WORDS_p1": "one two three four"}, ["WORDS"], "Please write at most 3 words in each."),
    ({"WORDS_p1": "a" * 25}, ["WORDS"], "at most 24 characters in each"),
    ({"WORDS_p1": "!?"}, ["WORDS"], "Please write only letters"),
    ({"WORDS_p1": "", "WORDS_p2": " "}, ["WORDS"], "Please choose an answer."),
    ({"WORDS_s": "099"}, ["WORDS"], "You marked answers and “No answer” as well."),
    ({"HOW": "256", "G_B": "256"}, ["HOW", "G_B"], "Not stored yet: 2 to look at again"),
]


@pytest.mark.parametrize("case", MENDED, ids=lambda case: str(case[0])[:24])
def test_what_is_missing_or_contradicts_itself_is_asked_again(client, study, page, case):
    """Each fault is listed at the top with a link to its question; nothing is stored; the rest is kept."""
    marks, places, message = case
    sent = body(page, WHOLE | marks)
    answer = send(client, sent)
    assert (422, places) == (answer.status_code, faults(answer))
    assert message in answer.text
    assert all(f'id="q-{place}"' in answer.text for place in places)
    before, now = dict(parse_qsl(sent.decode(), keep_blank_values=True)), fields(answer.text) | {"ready": YES}
    asked_again = {name for name in before if name.split("_p")[0].split("_o")[0].split("_s")[0] in asked_for(places)}
    assert {name: before[name] for name in before.keys() - asked_again} == {
        name: now[name] for name in now.keys() - asked_again
    }
    assert {name: fields(page)[name] for name in asked_again} == {name: now[name] for name in asked_again}
    assert [] == study.envelopes()


@pytest.mark.parametrize(
    ("marks", "places"),
    [
        ({"AGE": "256"}, {"AGE"}),
        ({"G_B": "256"}, {"G", "G_B"}),
        ({"R_2": "002"}, {"R", "R_1", "R_2"}),
        ({"WORDS_p1": "!?", "HOW": "256"}, {"WORDS", "HOW"}),
        ({"USE": "256"}, {"USE"}),
        ({"USE": "256", "HOW": "256", "WHY": "256"}, {"USE", "HOW", "WHY"}),
        ({"ready": ""}, set()),
    ],
)
def test_a_form_shown_again_shows_none_of_what_was_given(client, page, marks, places):
    """It shows only the questions to mend, unmarked, and hides the others: whoever goes back to it sees no answer."""
    sent = body(page, WHOLE | marks)
    answer = send(client, sent.replace(b"&ready=001", b"") if "ready" in marks else sent)
    assert (422, places) == (answer.status_code, in_sight(answer.text))
    assert re.search(r'<h2 id="q-consent" hidden>.*for="consent-001" hidden>', answer.text, re.DOTALL)
    assert "WHY" in in_sight(page)


def test_what_depends_on_a_missing_answer_is_not_asked_for_yet(client, page):
    """With the deciding answer missing, only that one is asked for again, and not all that may follow from it."""
    assert ["USE"] == faults(send(client, body(page, SHORTEST | {"USE": "256"})))


def test_only_the_phrase_that_is_wrong_is_marked(client, page):
    """Of several text fields the one with the fault is marked, described and has the focus; the link leads there."""
    answer = send(client, body(page, WHOLE | {"WORDS_p1": "soup", "WORDS_p2": "one two three four"}))
    marked = re.findall(r'<input[^>]*aria-invalid="true"[^>]*>', answer.text)
    assert 1 == len(marked)
    assert all(part in marked[0] for part in ('name="WORDS_p2"', 'aria-describedby="x-WORDS"', "autofocus"))
    assert '<li><a href="#WORDS_p2">' in answer.text


def test_phrases_are_kept_in_one_spelling_once_and_in_no_order(client, study, page):
    """The same phrase twice is one; the order of typing leaves no trace."""
    send(client, body(page, WHOLE | {"WORDS_p1": "soup", "WORDS_p2": " SOUP"}))
    send(client, body(page, WHOLE | {"WORDS_p1": "蔬菜", "WORDS_p2": "warm soup"}))
    assert [("soup",), ("warm soup", "蔬菜")] == sorted(one.answers["WORDS"] for one in study.opened())


WRONG = {
    "a code that is none": lambda sent: sent.replace(b"USE=003", b"USE=004"),
    "97 by hand": lambda sent: sent.replace(b"USE=003", b"USE=097"),
    "a code of two digits": lambda sent: sent.replace(b"USE=003", b"USE=03"),
    "a list's code that is none": lambda sent: sent.replace(b"KIDS=005", b"KIDS=120"),
    "a pair that is neither": lambda sent: sent.replace(b"ONLY_o001=000", b"ONLY_o001=002"),
    "another ready": lambda sent: sent.replace(b"ready=001", b"ready=1"),
    "a field twice": lambda sent: sent + b"&USE=003",
    "a field too many": lambda sent: sent + b"&MORE=1",
    "a field that is not there": lambda sent: sent.replace(b"USE=003&", b""),
    "no form": lambda sent: sent.replace(b"&USE=003", b"&USE"),
    "bytes that are no text": lambda sent: sent.replace(b"WORDS_p1=", b"WORDS_p1=%ff"),
    "bytes that are no ASCII": lambda sent: sent.replace(b"WORDS_p1=", b"WORDS_p1=\xc3\xa9"),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_what_no_page_of_ours_sends_is_refused(client, study, page, change):
    """A value that was not offered, or other fields than the form's, each once, get 400 and nothing is stored."""
    sent = body(page)
    assert sent != change(sent)
    assert 400 == send(client, change(sent)).status_code
    assert [] == study.envelopes()


def test_every_body_has_one_length(page):
    """Very different answers make bodies of one length; only the phrases that somebody types change it."""
    other = {name: value for name, value in WHOLE.items() if not name.startswith("WORDS")}
    lengths = {len(body(page, marks)) for marks in ({}, SHORTEST, SHORTEST | other, {"BUY_o001": YES, "KIDS": "019"})}
    assert 1 == len(lengths)
    assert len(body(page, WHOLE)) not in lengths


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 200),
    ],
)
def test_a_form_of_another_site_is_refused(client, study, page, headers, status):
    """What the browser says of where the form stood decides: only our own page may send it."""
    assert status == send(client, body(page), **headers).status_code
    assert (status == 200) == bool(study.envelopes())


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data; boundary=x", ""])
def test_only_our_kind_of_form_is_read(client, page, kind):
    """Anything but application/x-www-form-urlencoded gets 415, and so does a packed body: nothing is unpacked."""
    assert 415 == client.post(URL, data=body(page), headers={"Content-Type": kind}).status_code
    assert 415 == send(client, body(page), **{"Content-Encoding": "gzip"}).status_code


def test_a_large_body_is_refused(client, study, page):
    """A body of more than 16 KiB, which a host might write to its disk, gets 413."""
    for size in (LIMIT + 1, 70_000):
        assert 413 == send(client, body(page).replace(b"WORDS_p1=", b"WORDS_p1=" + b"a" * size)).status_code
    assert [] == study.envelopes()


ISSUER = issuer_key_text(2**2047 + 1)


@pytest.mark.parametrize("changes", [{"sealing": "phone"}, {"mode": "invitation", "issuer": ISSUER}, {"epoch": None}])
def test_other_studies_have_no_such_form(client, study, page, changes):
    """Sealed on the phone only, with invitations, or without a wave: 404 for asking and for sending."""
    study.state("open", **changes)
    asked = (client.get(URL), client.post(QUESTIONS), client.get(QUESTIONS), send(client, body(page)))
    assert [404] * 4 == [answer.status_code for answer in asked]
    assert [404, 404] == [client.get("/f/unknown").status_code, client.post("/f/unknown/questions").status_code]


def test_a_closed_study_says_so(client, study, page):
    """After the close the form is gone, and one that was open before is not stored; both say that it has ended."""
    study.state("closed")
    for answer in (client.get(URL), client.post(QUESTIONS), send(client, body(page))):
        assert (410, True) == (answer.status_code, "This survey has ended" in answer.text)
    assert [] == study.envelopes()


def test_a_form_of_an_earlier_wave_is_not_read_as_of_this_one(client, study, page):
    """Where other questions have taken the place of those that were filled in, 409 says so and nothing is stored."""
    sent = body(page).replace(study.manifest.pin.encode(), b"A" * 32)
    answer = send(client, sent)
    assert (409, True) == (answer.status_code, "The questions have changed" in answer.text)
    assert [] == study.envelopes()


SPOILT = {
    "missing": None,
    "empty": lambda _: b"",
    "no JSON": lambda data: data.rstrip(b" ")[:-1],
    "something behind": lambda data: data[:-1] + b"\t",
    "another key": lambda data: data.replace(b'\\"key\\":\\"', b'\\"key\\":\\"A'),
    "another text": lambda data: data.replace(b"Question about USE", b"Question about YOU"),
    "another question": lambda data: data.replace(b'\\"cap\\":2', b'\\"cap\\":3'),
    "another study's": lambda data: data.replace(b'\\"study\\":\\"p7\\"', b'\\"study\\":\\"p8\\"'),
}


@pytest.mark.parametrize("change", SPOILT.values(), ids=SPOILT.keys())
def test_without_a_sound_key_nothing_is_asked_or_stored(client, study, page, change, caplog):
    """Documents that are missing, unreadable or not the pin's: 503 in words, nothing stored, a class name logged."""
    bundle = study.settings.public / "b" / study.manifest.pin / "00.json"
    bundle.unlink() if change is None else bundle.write_bytes(change(bundle.read_bytes()))
    for answer in (client.get(f"{URL}?lang=en"), client.post(f"{QUESTIONS}?lang=en"), send(client, body(page))):
        assert (503, True) == (answer.status_code, "cannot lock answers just now" in answer.text)
    logged = {record.getMessage() for record in caplog.records}
    assert {"PlainFormError at /f/<study>", "PlainFormError at /f/<study>/questions"} == logged
    assert [] == study.envelopes()


def test_a_full_or_broken_store_keeps_the_answers_in_the_page(app, client, study, page):
    """507 and 503 come with the form as it was filled in, and say that nothing was stored; later it goes through."""
    small = connect(study.settings.answers_url, guard=None, begin=None)
    event.listen(small, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 1"))
    away = connect("postgresql+psycopg://nobody@127.0.0.1:1/none", begin=None)
    sound = app.extensions["sotto"]
    for engine, status in ((small, 507), (away, 503)):
        app.extensions["sotto"] = RespondResources(engine, sound.published)
        answer = None
        for _ in range(200 if engine is small else 1):
            answer = send(client, body(page, WHOLE))
            if answer.status_code != 200:
                break
        assert (status, True) == (answer.status_code, "could not be stored just now" in answer.text)
        assert WHOLE.items() <= fields(answer.text).items()
        assert set() == in_sight(answer.text)
    app.extensions["sotto"] = sound
    small.dispose()
    assert 200 == send(client, body(page, WHOLE)).status_code


def test_no_answer_sets_a_cookie_or_is_packed(client, page):
    """No page on the way sets a cookie, and none that holds answers is compressed."""
    sent = [send(client, data, **{"Accept-Encoding": "br, gzip"}) for data in (body(page), body(page, {}), b"x=1")]
    assert [] == [value for answer in sent for value in answer.headers.getlist("Set-Cookie")]
    assert [None] * 3 == [answer.headers.get("Content-Encoding") for answer in sent]
    assert {"no-store"} == {answer.headers["Cache-Control"] for answer in sent}


def test_texts_are_shown_as_text(tmp_path):
    """A question or option that looks like HTML or like a template is shown as it is written."""
    evil = "<img src=x onerror=alert(1)>\"'{{7*7}}"
    english = texts("en", questionnaire())
    item_texts = {
        name: one.model_copy(update={"text": evil, "options": dict.fromkeys(one.options, evil)})
        for name, one in english.items.items()
    }
    study = PlainStudy(
        home(tmp_path / "other"), texts={"en": english.model_copy(update={"items": item_texts})}
    ).publish()
    shown = respond_app(study.settings).test_client().post(f"{QUESTIONS}?lang=en").text
    assert "&lt;img src=x onerror=alert(1)&gt;&#34;&#39;{{7*7}}" in shown
    assert "<img src=x" not in shown


@pytest.mark.parametrize(("section", "said"), [("ROOMS", "&lt;b&gt; ?"), ("G", "&amp; ?")])
def test_a_hint_stands_once_under_its_question(page, section, said):
    """Of an item and of a whole grid, as text, with the words of a pipe that stand for no answer."""
    shown = page[page.index(f'id="q-{section}"') :]
    assert 1 == page.count(f'<p class="quiet">{said}</p>')
    assert shown.index(said) < shown.index("<label")
