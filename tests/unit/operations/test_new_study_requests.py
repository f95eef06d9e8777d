"""A study that is asked for at the desk: kept as the command keeps it, and refused as the command refuses."""

import pytest
from hosts.collection import PASSWORD, STUDY
from hosts.host_acts import acts_done, asks, outcome, worker
from paths import ROOT

from crypto.canonical import digest
from survey.office_db.people.role import Role
from survey.office_db.requests import request
from survey.office_db.study_status import source_of
from survey.office_db.study_status import study as study_status
from survey.operations.staff import add_user, give_role
from survey.operations.transaction import office_session

SOURCE = (ROOT / "survey" / "studies" / "sesame_credit" / "questionnaire.yaml").read_bytes()
NAME = "brought"
BROUGHT = SOURCE.replace(b"\nstudy: q26", b"\nstudy: brought", 1)
assert BROUGHT != SOURCE


def asked(collection, content: bytes = BROUGHT, study: str = NAME, replaces: str | None = None, **changes) -> int:
    """Ask for a study as the desk does; return the request's number."""
    asks_for = {"kind": "new-study", "questionnaire": digest(content), "replaces": replaces}
    return asks(collection, asks_for, {"questionnaire": content}, study=study, **changes)


def kept(collection, name: str = NAME) -> bytes | None:
    with office_session(collection.settings) as session:
        return source_of(session, name)


def worked(collection, number: int, **rules: object) -> tuple[str, str]:
    worker(collection, **rules).work()
    return outcome(collection, number)


def test_a_study_is_kept_as_it_was_asked_for(collection):
    """The very bytes are kept, under the name of who asked; asked for again and again it stays one study."""
    before = len(acts_done(collection))
    state, words = worked(collection, asked(collection))
    assert ("done", True) == (state, words.startswith(f"{NAME} is kept as a study"))
    assert BROUGHT == kept(collection)
    assert [("li@desk", act) for act in ("request accepted", "study compiled")] == acts_done(collection)[before:]
    assert "done" == worked(collection, asked(collection))[0]


def test_a_new_version_replaces_the_one_that_was_looked_at(collection):
    """Over the version that was shown it is taken; over one that a colleague brought meanwhile it is refused."""
    worked(collection, asked(collection))
    other = BROUGHT.replace(b"\nversion: ", b"\nversion: '9' # ", 1)
    assert other != BROUGHT
    state, words = worked(collection, asked(collection, other))
    assert ("refused", True) == (state, "has another questionnaire now" in words)
    stale = digest(SOURCE)
    assert "refused" == worked(collection, asked(collection, other, replaces=stale))[0]
    assert BROUGHT == kept(collection)
    assert "done" == worked(collection, asked(collection, other, replaces=digest(BROUGHT)))[0]
    assert other == kept(collection)


REFUSED = {
    "a workbook": (b"PK\x03\x04" + b"x" * 99, NAME, "questionnaire.yaml:1: file: the character U+0003"),
    "faults": (BROUGHT.replace(b"sealing: phone", b"sealing: wax", 1), NAME, "sealing"),
    "another study's": (BROUGHT, "other", "is of the study brought, not of other"),
    "a file of the host": (
        BROUGHT.replace(b"\nitems:\n", b"\nitems:\n  - include: ../../etc/passwd\n", 1),
        NAME, "lies outside this folder",
    ),
    "nested aliases": (
        b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 40)),
        NAME, "once its aliases are written out",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "study", "words"), REFUSED.values(), ids=REFUSED)
def test_what_the_command_refuses_is_refused_in_its_words(collection, content, study, words):
    """Nothing is kept, the reason names no folder of the host, and the next request is carried out."""
    state, said = worked(collection, asked(collection, content, study))
    assert ("refused", True) == (state, words in said), said
    assert "sotto-study" not in said
    assert (None, None) == (kept(collection), kept(collection, "other"))
    assert "done" == worked(collection, asked(collection))[0]


def test_a_study_that_has_had_a_wave_keeps_its_questionnaire(open_collection):
    """Other questions are refused while answers to the first ones are there; the file as it was is the control."""
    source = kept(open_collection, STUDY)
    changed = source.replace(b"\nsealing: ", b"\ndrafts: true\nsealing: ", 1)
    if changed == source or b"\ndrafts:" in source:
        changed = source.replace(b"title:", b"title: # another\n ", 1)
    number = asked(open_collection, changed.replace(b"2026", b"2027"), STUDY, digest(source))
    state, words = worked(open_collection, number)
    assert "refused" == state, words
    assert source == kept(open_collection, STUDY)
    assert "done" == worked(open_collection, asked(open_collection, source, STUDY, digest(source)))[0]


@pytest.mark.parametrize(
    ("role", "studies", "done"),
    [
        (Role.OWNER, (), True),
        (Role.RESEARCHER, (), True),
        (Role.RESEARCHER, (STUDY,), False),
        (Role.FIELDWORKER, (), False),
        (Role.AUDITOR, (), False),
    ],
)
def test_only_who_brings_studies_has_one_kept(collection, role, studies, done):
    """The operator looks at the role itself: whoever writes rows at the desk gives nobody one."""
    add_user(collection.settings, "mei", PASSWORD)
    give_role(collection.settings, "mei", role, studies)
    assert ("done" if done else "refused") == worked(collection, asked(collection, asked_by="mei"))[0]
    assert done == (kept(collection) is not None)


def test_a_researcher_of_one_study_does_not_replace_it(collection):
    """Bringing questionnaires is of who may bring any; the same request by an owner is the control."""
    source = kept(collection, STUDY)
    add_user(collection.settings, "mei", PASSWORD)
    give_role(collection.settings, "mei", Role.RESEARCHER, (STUDY,))
    own = asked(collection, source, STUDY, digest(source), asked_by="mei")
    state, words = worked(collection, own)
    assert ("refused", True) == (state, "of every study" in words)
    assert "done" == worked(collection, asked(collection, source, STUDY, digest(source)))[0]


def test_without_a_signature_nothing_is_kept(collection):
    """Where signatures are asked for, a row that nobody signed is unproven; taken unsigned, it is the control."""
    state, words = worked(collection, asked(collection), unsigned=False)
    assert ("refused", True, None) == (state, "no passkey signed it" in words, kept(collection))
    assert "done" == worked(collection, asked(collection), unsigned=True)[0]


def test_a_request_for_a_study_is_taken_back_before_it_is_there(collection):
    """It can be taken back although there is no such study yet."""
    number = asked(collection)
    with office_session(collection.settings) as session:
        name = request(session, number).hash
    back = asks(collection, {"kind": "cancel", "request": name}, study=NAME)
    worker(collection).work()
    assert ["refused", "done"] == [outcome(collection, one)[0] for one in (number, back)]
    with office_session(collection.settings) as session:
        assert study_status(session, NAME) is None
