"""Results at the desk: every file of a release, the budget as releases tell it, and a preview that stores nothing."""

import csv
import io
import re
import sqlite3
import zipfile
from contextlib import closing
from http import HTTPStatus

import pytest
from hosts.applications import desk_app
from hosts.collection import STUDY, edited, published
from hosts.desk_client import HTTPS, Clock, get, sign_in, token_in
from hosts.published_life import planned

from crypto.canonical import canonical, digest, parse
from crypto.signing import SigningKey
from survey.desk_app.request_views import UPLOAD_SIZE
from survey.desk_app.results.preview import refusals, shown_release
from survey.desk_app.results.spending import spending
from survey.office_db.people.role import Role
from survey.operations.plans import publish_plan
from survey.operations.staff import give_role
from survey.plan.plan import Plan
from survey.plan.privacy_units import NANO_RHO
from survey.release.release import Release

PREVIEW = f"/studies/{STUDY}/waves/1/preview"


@pytest.fixture
def staff(collection):
    app = desk_app(collection.settings, Clock())
    client = app.test_client()
    assert 303 == sign_in(client).status_code
    yield client
    app.extensions["sotto"].engine.dispose()


@pytest.fixture
def made(collection, tmp_path):
    """A wave with a box and a published plan, and the release of it that nobody published yet."""
    collection.open_wave()
    header = collection.box(tmp_path / "wave.box")
    return collection.release(collection.register_plan(), header)


def upload(staff, content: bytes, path: str = PREVIEW):
    token = token_in(get(staff, path))
    data = {"csrf_token": token, "document": (io.BytesIO(content), "release.json")}
    return staff.post(f"{path}?lang=en", base_url=HTTPS, data=data, headers={"Referer": f"{HTTPS}{path}"})


def everything(collection) -> tuple[str, list[tuple[str, str]]]:
    """Return all rows of the office but those of sessions, and every published file with its hash."""
    with closing(sqlite3.connect(collection.settings.office_url.removeprefix("sqlite:///"))) as raw:
        rows = "\n".join(line for line in raw.iterdump() if 'INTO "staff_session"' not in line)
    files = [path for path in sorted(collection.settings.public.rglob("*")) if path.is_file()]
    return rows, [(str(path), digest(path.read_bytes())) for path in files]


def test_a_preview_is_the_public_page_and_stores_nothing(staff, collection, made):
    """Numbers and charts are those that readers get once it is published, without a link; office and folder stay."""
    before = everything(collection)
    shown = upload(staff, made)
    assert HTTPStatus.OK == shown.status_code
    assert before == everything(collection)
    assert "This is a preview." in shown.text
    assert "would not be published" not in shown.text
    figures = re.findall(r'<span class="figure">.*?</span>', shown.text)
    assert len(figures) > 100
    assert "download>" not in shown.text
    name = publish(collection, made)
    assert figures == re.findall(r'<span class="figure">.*?</span>', get(staff, f"/releases/{name}?lang=en").text)
    assert before != everything(collection)


def publish(collection, content: bytes) -> str:
    from survey.operations.releases import publish_release

    return publish_release(collection.settings, content)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _, made: edited(made, day="2026-11-23"), "Its signature does not hold"),
        (lambda host, made: resigned(host, made, SigningKey.generate()), "Its signature does not hold"),
        (lambda host, made: resigned(host, made, host.key, wave=2), "of another study or wave"),
        (lambda host, made: resigned(host, made, host.key, study="another"), "of another study or wave"),
        (lambda *_: b"", "A file is missing"),
        (lambda *_: b"\x00\xff", "no document as the offline machine writes it"),
        (lambda _, made: made + b"\n", "no document as the offline machine writes it"),
    ],
)
def test_what_the_waves_key_did_not_sign_is_not_shown(staff, collection, made, change, said):
    """Of a file that was changed, or is of another key, study or wave, no number is shown; its control is above."""
    refused = upload(staff, change(collection, made))
    assert HTTPStatus.BAD_REQUEST == refused.status_code
    assert said in refused.text
    assert 'class="figure"' not in refused.text


def resigned(collection, made: bytes, key: SigningKey, **changes: object) -> bytes:
    """Return a release with members changed, signed by a key."""
    members = {name: value for name, value in parse(made).items() if name not in {"signer", "signature"}} | changes
    signed = members | {"signer": key.verifying_key.to_json()}
    return canonical(signed | {"signature": key.sign(canonical(signed), "release").to_json()})


def test_a_preview_says_why_it_would_be_refused(staff, collection, made):
    """Each thing that the office knows to be wrong has its reason; the release that fits has none."""
    wave = staff.application.extensions["sotto"].releases.wave(STUDY, 1)

    def reasons(**changes: object) -> list[str]:
        return [*refusals(shown_release(resigned(collection, made, collection.key, **changes), wave), wave)]

    budget, box = parse(made)["budget"], parse(made)["box"]
    assert [] == reasons()
    assert ["box"] == reasons(box=box | {"root": "f" * 64})
    assert ["manifest"] == reasons(manifest="f" * 64)
    assert ["plan"] == reasons(plan="f" * 64)
    assert ["budget"] == reasons(budget=budget | {"total": budget["total"] + 1})
    assert "of another box" not in upload(staff, made).text
    wrong = upload(staff, resigned(collection, made, collection.key, box=box | {"root": "f" * 64}))
    assert "It was counted from another box than this wave" in wrong.text
    publish(collection, made)
    assert "It is published already." in upload(staff, made).text


def test_a_preview_takes_no_upload_bomb(staff, collection, made):
    """More than 4 MB is cut off unread, more than 16 kB of who may not ask too; the control has no token."""

    def sent(size: int) -> int:
        # In one piece: the client would leave a file open for the larger form.
        body, kind = b"--x\r\n" + b"x" * size, "multipart/form-data; boundary=x"
        headers = {"Referer": f"{HTTPS}{PREVIEW}"}
        return staff.post(PREVIEW, base_url=HTTPS, data=body, content_type=kind, headers=headers).status_code

    assert [400, 413] == [sent(100_000), sent(UPLOAD_SIZE)]
    assert HTTPStatus.OK == upload(staff, made).status_code
    give_role(collection.settings, "li", Role.AUDITOR)
    assert 413 == sent(100_000)


def test_an_archive_holds_every_file(staff, collection, tmp_path):
    """It is the same bytes each time, and each file in it is the one that its own link gives."""
    name = published(collection, tmp_path / "box")
    assert 1 == get(staff, f"/releases/{name}").text.count(f"/releases/{name}/files.zip?")
    archive = get(staff, f"/releases/{name}/files.zip?lang=en")
    assert archive.data == get(staff, f"/releases/{name}/files.zip?lang=en").data
    with zipfile.ZipFile(io.BytesIO(archive.data)) as held:
        names = held.namelist()
        tables = Release.from_bytes(held.read("release.json")).tables
        for one in names:
            linked = f"/releases/{name}/{one}?lang=en"
            assert held.read(one) == get(staff, linked).data, one
    assert {"release.json", "plan.json", "registration.json", "manifest.json", "questionnaire.json"} <= {*names}
    assert {"release-codebook.csv", "release-facts.csv", *(f"{table.id}.csv" for table in tables)} <= {*names}
    assert Plan.from_bytes(get(staff, f"/releases/{name}/plan.json").data).study == STUDY
    assert 404 == get(staff, f"/releases/{name}/share.json").status_code
    facts = csv.DictReader(io.StringIO(get(staff, f"/releases/{name}/release-facts.csv").data.decode("utf-8-sig")))
    assert STUDY in {row["value"] for row in facts}


def test_the_budget_is_what_releases_say(staff, collection, tmp_path):
    """Before a wave there is none; a plan is shown with what it would cost, and its release takes it from there."""
    assert "none has been opened" in get(staff, f"/studies/{STUDY}/budget?lang=en").text
    collection.open_wave()
    header = collection.box(tmp_path / "box")
    plan = collection.register_plan()
    page = get(staff, f"/studies/{STUDY}/budget?lang=en").text
    assert "life: ρ 0.1. Spent: ρ 0. Left: ρ 0.1." in page
    assert "It costs ρ 0.04. After it ρ 0.06 would be left." in page
    assert plan in page
    assert re.search(r">T02<.*?± 28<", page, re.DOTALL), "sigma is 14.1 for rho 0.005 and sensitivity 2"
    publish(collection, collection.release(plan, header))
    page = get(staff, f"/studies/{STUDY}/budget?lang=en").text
    assert "life: ρ 0.1. Spent: ρ 0.04. Left: ρ 0.06." in page
    assert "There is none." in page


def test_a_plan_that_the_budget_does_not_pay_is_said_to_be(staff, collection, tmp_path):
    """What is left bounds a plan by itself: one nano-rho more than is left does not fit."""
    published(collection, tmp_path / "box")
    whole = planned(collection, 1, None)
    releases = staff.application.extensions["sotto"].releases
    name = releases.spending(STUDY).debits[0].release
    past, questionnaire = [(name, releases.release(name))], collection.documents[0]
    left = [spending(whole.nano_rho * 2 - short, past, [whole], questionnaire).plans[0].left for short in (0, 1)]
    assert ["0", None] == left


def test_what_was_spent_and_not_published_stands_in_its_own_row(collection, tmp_path):
    """A debit between two releases that no release here accounts for is shown with its price and no link."""
    name = published(collection, tmp_path / "box")
    content = next(path for path in collection.settings.public.rglob(f"{name}.json")).read_bytes()
    release = Release.from_bytes(content)
    spent = release.budget.cost + 5
    later = release.model_copy(
        update={"budget": release.budget.model_copy(update={"spent": spent + release.budget.cost}),
                "ledger": release.ledger.model_copy(update={"sequence": 3})}
    )  # fmt: skip
    told = spending(NANO_RHO, [("b", later), ("a", release)], [], collection.documents[0]).debits
    assert [("a", "0.04"), ("", "0.000000005"), ("b", "0.04")] == [(one.release, one.cost) for one in told]
    assert ["0.96", "0.959999995", "0.919999995"] == [one.left for one in told]


def test_a_plan_that_was_withdrawn_waits_for_nothing(staff, collection):
    """A later registration that stands instead of it takes it out of what is still to be paid."""
    collection.open_wave()
    first = collection.register_plan()
    page = get(staff, f"/studies/{STUDY}/budget").text
    assert first in page
    second = Plan.from_bytes(canonical(planned(collection, 1, None).to_json() | {"parent": first}))
    publish_plan(collection.settings, collection.registered(second, instead=[first]))
    page = get(staff, f"/studies/{STUDY}/budget").text
    assert (False, True) == (first in page, second.digest in page)
