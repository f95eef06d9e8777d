"""A wave's life at the desk: what is done and by whom, what comes next, commands that exist, documents that cross."""

import re
from itertools import product

import click
import pytest
from hosts.collection import PASSWORD, STUDY
from hosts.desk_client import get
from hosts.host_acts import store_records
from hosts.published_life import split

from analysis.__main__ import main as analysis
from survey.commands.main import main as sotto
from survey.desk_app.checklist.commands import Command, Paths
from survey.desk_app.checklist.steps import STEPS, steps
from survey.document import today
from survey.office_db.acts import Act
from survey.office_db.people.role import Role
from survey.office_db.wave_record import WaveRecord
from survey.operations.invitations import BatchRequest, close_batch, invite
from survey.operations.staff import add_user, give_role
from survey.operations.statements import publish_statement
from survey.operations.transaction import note_act, office_session

WAVE = f"/studies/{STUDY}/waves/1"


def states(page) -> dict[str, str]:
    """Return the state of each step of a page, by its name, in the page's order."""
    return dict(re.findall(r'<li id="(\w+)">.*?class="state step-(\w+)"', page.text, re.DOTALL))


def coming(page) -> list[str]:
    """Return the steps that the page says come next."""
    return re.findall(r'<li><a href="#(\w+)">', page.text)


def record(mode: str, state: str, number: int = 1, **changes: object) -> WaveRecord:
    """Return the record of a wave to which nothing was done yet; `changes` replace members."""
    members = {
        "study": "q26", "number": number, "mode": mode, "strata": ("city", "country"), "locales": ("en",),
        "lacking": (), "state": state, "fieldwork": None, "compiled": (), "acts": {}, "hypotheses": (), "files": {},
    }  # fmt: skip
    return WaveRecord(**members | changes)


def parsed(command: Command) -> None:
    """Parse a command line as `sotto` does, a part of the analysis as that does; raise click's error for a fault."""
    assert "sotto" == command.words[0]
    for program in (sotto, analysis):
        context, found, words = click.Context(program), program, [*command.words[1:]]
        while isinstance(found, click.Group):
            name, found, words = found.resolve_command(context, words)
        if not found.context_settings.get("ignore_unknown_options"):
            found.make_context(name, words)
            return
    raise AssertionError(f"nothing parses {command.text}")


def test_every_printed_command_is_one_that_the_program_takes(tmp_path, monkeypatch):
    """In every mode each line parses where its files are; with another option, or without a file, none does."""
    monkeypatch.chdir(tmp_path)
    for number in (1, 2):
        paths = Paths("q26", number)
        for folder in (paths.folder, "q26/plans/HASH", paths.own("release")):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        names = ("manifest.json", "drill.json", "custody.json", "destruction.json")
        files = [f"{paths.folder}/{name}" for name in names]
        files += [paths.questionnaire, paths.plan, paths.box, paths.own("issuer.json"), paths.own("intent.json")]
        for name in (*files, f"{paths.own('release')}/release.json", "findings.yaml", "QUEUE.sotto-queue"):
            (tmp_path / name).touch()
    printed = {
        line
        for mode, number in product(("open", "invitation"), (1, 2))
        for step in steps(record(mode, "new", number))
        for line in step.commands
    }
    assert len(printed) > len(STEPS)
    for line in printed:
        parsed(line)
        assert re.fullmatch(r"[\w ./-]+", line.text), "a word that a shell reads otherwise"
    with pytest.raises(click.UsageError):
        parsed(Command("host", ("sotto", "study", "close", "q26", "--nowhere")))
    with pytest.raises(click.UsageError):
        parsed(Command("offline", ("sotto", "key", "intent", "gone.yaml", "--study", "q26")))


@pytest.mark.parametrize(
    ("mode", "state", "changes", "expected"),
    [
        ("open", "new", {"lacking": ("a contact",)}, ["words"]),
        ("open", "new", {}, ["ceremony", "drill", "plan"]),
        ("invitation", "new", {}, ["issuer"]),
        ("open", "open", {}, ["plan", "fieldwork"]),
    ],
)
def test_what_comes_next_is_the_first_that_is_missing(mode, state, changes, expected):
    """With it comes what the offline machine alone knows; nothing that must wait for it."""
    assert expected == [step.name for step in steps(record(mode, state, **changes)) if step.next]


@pytest.mark.usefixtures("tiny_workbooks")
def test_a_wave_is_followed_from_its_preparation_to_its_end(open_collection, desk, tmp_path):
    """Each act changes the page at once: what was missing is done, with name and day, and what is next stands there."""
    staff = desk(open_collection)
    page = get(staff, WAVE)
    assert ("missing", "known", "going") == tuple(states(page)[name] for name in ("plan", "drill", "fieldwork"))
    assert ["plan", "fieldwork"] == coming(page)
    open_collection.register_plan()
    assert ["split", "fieldwork", "closing"] == coming(get(staff, WAVE))
    assert f"{WAVE}/close-wave" in get(staff, WAVE).text
    publish_statement(open_collection.settings, split(open_collection, 1, "abc"))
    header = open_collection.box(tmp_path / "box")
    page = get(staff, WAVE)
    assert ["intent"] == coming(page)
    assert ["done"] * 4 == [states(page)[name] for name in ("opening", "split", "closing", "box")]
    assert page.text.count(f"on {today()}") >= 5
    assert header.root not in page.text
    assert [*states(page)] == [name for name in STEPS if name not in {"issuer", "batches"}]
    assert ["ceremony", "drill", "plan"] == coming(get(staff, f"/studies/{STUDY}/waves/2"))
    assert [404, 404] == [get(staff, f"/studies/{STUDY}/waves/{one}").status_code for one in (0, 3)]


def test_documents_cross_as_they_are(released_collection, desk):
    """Manifest, plan, registration, result and the study's file come byte for byte; another wave's do not."""
    collection, release = released_collection
    staff = desk(collection)
    links = re.findall(rf'href="({WAVE}/documents/([^"]+))"', get(staff, WAVE).text)
    sent = {name: get(staff, path) for path, name in links}
    assert collection.manifests[1].to_bytes() == sent["manifest.json"].data
    public = collection.settings.public
    (plan,) = (public / "plans").glob("*.json")
    assert plan.read_bytes() in {answer.data for answer in sent.values()}
    assert (public / f"results/{STUDY}/{release}.json").read_bytes() == sent[f"release-{release[:12]}.json"].data
    assert {"questionnaire", "manifest", "plan", "registration", "release"} == {
        re.split(r"[.-]", name)[0] for name in sent
    }
    kept = sent["manifest.json"].headers["Content-Disposition"]
    assert f'attachment; filename="{STUDY}-wave-1-manifest.json"' == kept
    other = f"/studies/{STUDY}/waves/2/documents"
    manifest = collection.manifests[1].digest
    for path in (f"{other}/manifest.json", f"{other}/release-{release[:12]}.json", f"{other}/{manifest}.json"):
        assert 404 == get(staff, path).status_code
    assert 200 == get(staff, f"{other}/questionnaire.yaml").status_code


def without_tokens(page) -> str:
    """Return a page without what each form has of its own."""
    return re.sub(r'value="[^"]*"', "", page.text)


def test_no_answer_that_comes_in_changes_the_page(open_collection, desk):
    """Of five answers more the page of an open wave shows nothing; that of a closed one is another page."""
    staff = desk(open_collection)
    before = without_tokens(get(staff, WAVE))
    store_records(open_collection, 5)
    assert before == without_tokens(get(staff, WAVE))
    open_collection.box(open_collection.settings.public.parent / "box")
    assert before != without_tokens(get(staff, WAVE))


def test_acts_on_another_wave_or_study_are_not_of_this_one(open_collection, desk):
    """Wave 10 begins as wave 1 does, and a study may have another's name in its own: neither makes a step done."""
    staff = desk(open_collection)
    for about in (f"{STUDY} 10", f"{STUDY}-b 1"):
        with office_session(open_collection.settings) as session:
            note_act(session, Act.SPLIT_PUBLISHED, f"{about} {'0' * 64}")
        assert "missing" == states(get(staff, WAVE))["split"]
    publish_statement(open_collection.settings, split(open_collection, 1, "abc"))
    assert "done" == states(get(staff, WAVE))["split"]


def test_batches_stand_with_how_many_codes_were_made(invited, desk, tmp_path):
    """The name, the number that was made and whether it is open, from the audit; no code, and not how many are used."""
    add_user(invited.settings, "li", PASSWORD)
    staff = desk(invited)
    assert "batches" in states(get(staff, WAVE))
    assert "missing" == states(get(staff, WAVE))["batches"]
    invite(invited.settings, BatchRequest(STUDY, "library", "city", 50), tmp_path / "codes.json")
    page = get(staff, WAVE)
    assert "done" == states(page)["batches"]
    assert re.search(r"<code>library</code> <span class=\"state open\">open</span>.*50 codes made", page.text)
    close_batch(invited.settings, STUDY, "library")
    assert re.search(r"<code>library</code> <span class=\"state closed\">closed</span>", get(staff, WAVE).text)


def test_each_is_told_their_own_part(open_collection, desk):
    """A button stands for who may ask; a fieldworker and an auditor read what is theirs, in their own language."""
    for name, role in (("wei", Role.FIELDWORKER), ("an", Role.AUDITOR), ("mei", Role.RESEARCHER)):
        add_user(open_collection.settings, name, PASSWORD)
        give_role(open_collection.settings, name, role, ())
    open_collection.register_plan()
    told = {name: get(desk(open_collection, name), f"{WAVE}?lang=en").text for name in ("wei", "an", "mei")}
    assert ["mei"] == [name for name, page in told.items() if f"{WAVE}/close-wave" in page]
    parts = ("Your part: the people who answer.", "Your part: to compare.", "Your part: what has a button")
    assert [*parts] == [part for name, part in zip(told, parts, strict=True) if part in told[name]]
    assert "下一步" in get(desk(open_collection, "wei"), f"{WAVE}?lang=zh-Hans").text
