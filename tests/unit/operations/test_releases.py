"""Publication of releases: what is published, what is refused, and what a failing workbook leaves."""

from dataclasses import replace

import pytest
from hosts.collection import STUDY, edited, ledger
from hosts.host_acts import audit_head
from hosts.published_life import statement

from crypto.canonical import canonical, digest, parse
from crypto.signing import SigningKey
from survey.document import DocumentError, today
from survey.operations import releases
from survey.operations.checks import ReleaseRefusedError
from survey.operations.plans import publish_plan
from survey.operations.statements import publish_statement
from survey.plan.plan import Plan
from survey.publication.folder import Published
from survey.release.release import Release
from survey.workbook.xlsx import SheetError

pytestmark = pytest.mark.slow


@pytest.fixture
def with_tiny_workbooks(ready, tiny_workbooks):
    """Return the same for what is not about workbooks: a release's take a second."""
    return ready


def test_a_workbook_that_cannot_be_made_is_named_and_no_other_is_left_out(ready, monkeypatch, caplog):
    """One locale's workbook that Excel could not read stops neither the release nor the others, and is reported."""
    host, _, _, release = ready
    made = releases.xlsx_files

    def one_fails(document, locale):
        if locale == "en":
            raise SheetError("the sheet T1 has too many rows")
        return made(document, locale)

    monkeypatch.setattr(releases, "xlsx_files", one_fails)
    name = releases.publish_release(host.settings, release)
    locales = {path.name.split(".")[1] for path in (host.settings.public / "results" / STUDY).glob(f"{name}.*.xlsx")}
    assert set(Release.from_bytes(release).labels) - {"en"} == locales
    assert "no workbook in en: the sheet T1 has too many rows" in caplog.text


def test_nothing_is_committed_where_making_a_workbook_fails_otherwise(ready, monkeypatch):
    """Workbooks are made before the office commits: a fault there leaves neither an act nor a file."""
    host, _, _, release = ready
    before = audit_head(host)
    with monkeypatch.context() as patched:
        patched.setattr(releases, "xlsx_files", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            releases.publish_release(host.settings, release)
    assert (before, False) == (audit_head(host), (host.settings.public / "results").exists())
    assert releases.publish_release(host.settings, release)


def test_publishing_twice_is_harmless(with_tiny_workbooks):
    """The same release is published once; another one of the same plan is refused."""
    host, header, plan, release = with_tiny_workbooks
    name = releases.publish_release(host.settings, release)
    before = audit_head(host)
    assert name == releases.publish_release(host.settings, release)
    assert before == audit_head(host)
    with pytest.raises(ReleaseRefusedError, match="a plan has one"):
        releases.publish_release(host.settings, host.release(plan, header, day="2026-11-23"))


def first_table(release, **changes):
    """Return the tables of a release with members of the first one replaced."""
    first, *others = parse(release)["tables"]
    return {"tables": [first | changes, *others]}


def intent_of(host, header, plan, **changes) -> bytes:
    """Return the signed intent to open the box for a plan, on the head that the releases of these tests build on."""
    members = {"plan": plan, "box": header.root, "count": header.count, "head": ledger(1)["previous"]}
    return statement(host, "intent", 1, members | changes)


def test_what_was_announced_before_is_published(with_tiny_workbooks):
    """The intent first, then the release that names it; the control, before the intent is in the log, is refused."""
    host, header, plan, _ = with_tiny_workbooks
    intent = intent_of(host, header, plan)
    release = host.release(plan, header, intent=digest(intent), day=today().isoformat())
    with pytest.raises(ReleaseRefusedError, match=r"not in the public log.*`sotto publish intent.json` comes before"):
        releases.publish_release(host.settings, release)
    assert not (host.settings.public / "results").exists()
    publish_statement(host.settings, intent)
    assert releases.publish_release(host.settings, release)


def test_what_was_announced_for_something_else_is_not_published(with_tiny_workbooks):
    """An intent for another plan of this wave, or on another head of the ledger, vouches for no other release."""
    host, header, plan, _ = with_tiny_workbooks
    first = Plan.from_bytes((host.settings.public / f"plans/{plan}.json").read_bytes())
    second = Plan.from_bytes(canonical(first.to_json() | {"title": "second", "parent": plan}))
    publish_plan(host.settings, host.registered(second))
    for intent in (intent_of(host, header, second.digest), intent_of(host, header, plan, head="f" * 64)):
        publish_statement(host.settings, intent)
        release = host.release(plan, header, intent=digest(intent), day=today().isoformat())
        with pytest.raises(ReleaseRefusedError, match="for another plan, box or head of the ledger"):
            releases.publish_release(host.settings, release)


def test_what_was_announced_after_the_release_is_not_published(with_tiny_workbooks):
    """A release of an earlier day than that on which its intent was logged was opened before anybody could see it."""
    host, header, plan, _ = with_tiny_workbooks
    name = publish_statement(host.settings, intent_of(host, header, plan))
    with pytest.raises(ReleaseRefusedError, match=f"made on 2026-11-22 and announced only on {today().isoformat()}"):
        releases.publish_release(host.settings, host.release(plan, header, intent=name, day="2026-11-22"))


def test_a_release_without_an_intent_is_a_demonstrations(with_tiny_workbooks):
    """Of any other key it is no release."""
    host, header, plan, _ = with_tiny_workbooks
    with pytest.raises(DocumentError, match="only a demonstration is released without an intent"):
        releases.publish_release(host.settings, host.release(plan, header, demo=False))


FORGED = [
    (lambda r: {"budget": parse(r)["budget"] | {"total": 10**9}}, "another lifetime budget than the one"),
    (
        lambda r: {"budget": parse(r)["budget"] | {"atto_delta": {"cost": 0, "spent": 0, "total": 10**9}}},
        "another lifetime budget than the one",
    ),
    (lambda r: first_table(r, sigma=1e-6), "table T02 has other noise than its price pays for"),
    (lambda r: first_table(r, sigma=20.0), "table T02 has other noise than its price pays for"),
    (lambda r: {"budget": parse(r)["budget"] | {"cost": 40_000_001, "spent": 40_000_001}}, "another price was paid"),
    (lambda r: {"budget": parse(r)["budget"] | {"curve": parse(r)["budget"]["curve"] | {"least_sigma": 15.0}}},
     "epsilon is of stronger noise"),
    (lambda r: {"mechanism": parse(r)["mechanism"] | {"name": "laplace"}}, "noise is of another kind"),
    (lambda _: {"unit": "respondent"}, "another unit than its mode protects"),
    (lambda _: {"day": "2999-01-01"}, "dated after today"),
]  # fmt: skip


@pytest.mark.parametrize(("forge", "said"), FORGED, ids=[said for _, said in FORGED])
def test_what_an_outsider_would_object_to_is_not_published(with_tiny_workbooks, forge, said):
    """Signed by the study itself, a release with other noise, price, kind or day is refused; an honest one not."""
    host, header, plan, release = with_tiny_workbooks
    with pytest.raises(ReleaseRefusedError, match=said):
        releases.publish_release(host.settings, host.release(plan, header, **forge(release)))
    assert releases.publish_release(host.settings, release)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r: edited(r, day="2026-11-23"),
        lambda r: edited(r, title={**parse(r)["title"], "en": "Better title"}),
        lambda r: edited(r, tables=parse(r)["tables"][::-1]),
        lambda r: canonical({k: v for k, v in parse(r).items() if k != "signature"}),
        lambda r: r[:-1],
        lambda r: r.replace(b'"wave":1', b'"wave":2'),
        lambda _: b"{}",
    ],
)
def test_a_release_edited_by_hand_is_refused(with_tiny_workbooks, spoil):
    """Any change after signing is refused, and nothing is published."""
    host, *_, release = with_tiny_workbooks
    with pytest.raises((ReleaseRefusedError, DocumentError)):
        releases.publish_release(host.settings, spoil(release))
    assert () == Published(host.settings.public).releases(STUDY)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"manifest": "0" * 64}, "manifest"),
        ({"questionnaire": "0" * 64}, "questionnaire"),
        ({"demo": False, "intent": "0" * 64}, "demo"),
        ({"box": {"root": "0" * 64, "count": 3}}, "box"),
        ({"plan": "0" * 64}, "not registered .* `sotto plan publish`"),
        ({"wave": 2}, "no box"),
        ({"study": "other"}, "no box"),
    ],
)
def test_a_signed_release_of_something_else_is_refused(with_tiny_workbooks, changes, named):
    """Even with the right signature, a release must be of the plan, wave, manifest and box that this host knows."""
    host, header, plan, _ = with_tiny_workbooks
    with pytest.raises(ReleaseRefusedError, match=named):
        releases.publish_release(host.settings, host.release(plan, header, **changes))


def test_a_release_with_other_tables_than_its_plan_is_refused(with_tiny_workbooks):
    """A signed release that leaves out a table, or sells one cheaper, is not the plan's."""
    host, header, plan, release = with_tiny_workbooks
    tables, dear = parse(release)["tables"], {"l2_squared": 8, "sensitivity_squared": 9}
    for wrong in (tables[1:], [tables[0] | {"nano_rho": 1}, *tables[1:]], [tables[0] | dear, *tables[1:]]):
        with pytest.raises(ReleaseRefusedError, match="not those of its plan"):
            releases.publish_release(host.settings, host.release(plan, header, tables=wrong))


def test_a_release_of_another_key_is_refused(with_tiny_workbooks):
    """A perfect signature by a key that the manifest does not name is refused."""
    host, header, plan, _ = with_tiny_workbooks
    stranger = replace(host, key=SigningKey.generate())
    with pytest.raises(ReleaseRefusedError, match="another key"):
        releases.publish_release(host.settings, stranger.release(plan, header))
