"""The dress rehearsal: one wave by invitation walks its whole life, with one answer from a real browser among them."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from person import Person
from phone_site import PHONE, Phone
from playwright.sync_api import Browser, expect

from survey import rehearsal
from survey.authoring import compile_study
from survey.demo_folder import DemoError, Wishes

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def wishes(folder: Path, responses: int) -> Wishes:
    where = {"directory": folder, "host": "127.0.0.1", "port": 0, "desk_port": 0, "tls": None}
    how = {"responses": responses, "once": True, "as_json": True, "seed": 7, "custodians": 3, "threshold": 2}
    return Wishes(**where, **how)


def visitor(browser: Browser, folder: Path):
    """Return somebody who answers over a slip's link in Chromium, and sees that it is stored."""

    def answer(link: str) -> int:
        questionnaire, texts = compile_study(folder / "questionnaire.yaml")
        place = SimpleNamespace(study=SimpleNamespace(questionnaire=questionnaire, texts=texts), link=link)
        with browser.new_context(**PHONE) as context:
            phone = Phone(context, place)
            Person(phone, place, "zh-Hans", seed=3, fixed={"AGE": 2}).answer_all()
            phone.do("send")
            expect(phone.page.locator("h1")).to_have_text(texts["zh-Hans"].interface["stored-title"])
        return 1

    return answer


@pytest.fixture(scope="module")
def rehearsed(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rehearsal") / "r"
    return folder, rehearsal.run(wishes(folder, 300), visitor(browser, folder))


def test_a_wave_lives_its_whole_life(rehearsed):
    """All answers but the withdrawn one are in the box; double spends and the destroyed key's release are refused."""
    _, summary = rehearsed
    counted = {name: summary[name] for name in ("invited", "stored", "by_browser", "withdrawn", "refused", "boxed")}
    assert {"invited": 303, "stored": 300, "by_browser": 1, "withdrawn": 1, "refused": 3, "boxed": 302} == counted
    assert summary["destroyed"]


def test_the_release_is_of_that_life_and_holds_for_outsiders(rehearsed):
    """It is verified by the study and, before and after the destruction, by the verifier that shares no code."""
    _, summary = rehearsed
    assert (True, True, True) == tuple(summary[name] for name in ("verified", "independent", "independent_after"))
    release = json.loads(Path(summary["release"]).read_bytes())
    assert ("respondent", "invitation", 302) == (release["unit"], release["mode"], release["box"]["count"])
    assert "duplicates-possible" not in release["notes"]


def test_the_public_log_tells_that_life_in_order(rehearsed):
    """Wave, plan, box, intent, release, destruction; answers are no more than tokens, tokens than invitations."""
    folder, _ = rehearsed
    lines = (folder / "collection" / "public" / "log" / "entries.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    order = ["manifest", "frontend", "plan", "box", "intent", "release", "destruction"]
    assert order == [entry["kind"] for entry in entries]
    assert (303, 303, 302) == tuple(entries[3][name] for name in ("invited", "issued", "count"))


def test_no_share_and_no_code_is_left_where_the_answers_were(rehearsed):
    """After that life the host's files hold no code in the clear, and the shares' folder is empty."""
    folder, _ = rehearsed
    codes = json.loads((folder / "codes.json").read_bytes())["codes"]
    held = b"".join(path.read_bytes() for path in (folder / "collection").rglob("*") if path.is_file())
    assert not any(code.encode() in held for code in codes)
    assert [] == [*(folder / "shares").rglob("*.txt")]


def test_a_rehearsal_that_goes_wrong_stops_and_says_where(tmp_path, monkeypatch):
    """Control: with a door that lets a stolen token pass, the rehearsal does not end well."""
    monkeypatch.setattr(rehearsal.Phones, "hand_in", lambda *_: 201)
    with pytest.raises(DemoError, match="token was spent twice"):
        rehearsal.run(wishes(tmp_path / "r", 20), lambda _: 0)
