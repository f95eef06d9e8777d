"""`sotto publish` takes no split, intent, release or destruction that every verifier would refuse afterwards."""

import pytest
from hosts.collection import STUDY
from hosts.published_life import destruction, entry_of, intent, planned, split, statement

from crypto.canonical import digest, parse
from survey.office_db.audit_search import ActSearch, acts
from survey.office_db.tables import document
from survey.operations import releases
from survey.operations.checks import ReleaseRefusedError
from survey.operations.plans import publish_plan
from survey.operations.statements import ACTS, StatementRefusedError, publish_statement
from survey.operations.transaction import office_session
from survey.public_log.log_events import host_log

pytestmark = [pytest.mark.usefixtures("tiny_workbooks"), pytest.mark.slow]


@pytest.fixture
def ready(open_collection, tmp_path):
    """Return a host with a box, a plan and a logged split, then the split's hash, the plan and the box's header."""
    plan = planned(open_collection, 1, None)
    publish_plan(open_collection.settings, open_collection.registered(plan))
    name = publish_statement(open_collection.settings, split(open_collection, 1, "abc"))
    return open_collection, name, plan, open_collection.box(tmp_path / "wave.box")


def restated(host, content, **changes) -> bytes:
    """Return a destruction with other members, as the study would sign it."""
    members = {name: parse(content)[name] for name in ("splits", "releases", "head")}
    return statement(host, "destruction", 1, members | changes)


def require_refused(host, content, said) -> None:
    with pytest.raises(StatementRefusedError, match=said):
        publish_statement(host.settings, content)


def test_a_destruction_is_of_the_published_splits(ready):
    """Other numbers, an invented split, none that is logged: refused with what to do; the control is published."""
    host, name, _, _ = ready
    right = destruction(host, 1, [], "0" * 64, [name])
    (one,) = parse(right)["splits"]
    for splits, said in (
        ([one | {"threshold": 3, "confirmed": [1]}], "states 3 of 3 cards, where the published one has 2 of 3"),
        ([one | {"threshold": 255}], "states 255 of 3 cards"),
        ([one, one | {"custody": "0" * 64}], "publish every split of the wave first"),
        ([one | {"custody": "0" * 64}], "publish every split of the wave first"),
    ):
        require_refused(host, restated(host, right, splits=splits), said)
    assert digest(right) == publish_statement(host.settings, right)


def test_a_key_whose_split_nobody_published_is_not_destroyed(open_collection):
    """Until `custody.json` is in the log; then the same statement is published."""
    content = split(open_collection, 1, "abc")
    said = destruction(open_collection, 1, [], "0" * 64, [digest(content)])
    require_refused(open_collection, said, "publish every split of the wave first")
    publish_statement(open_collection.settings, content)
    assert publish_statement(open_collection.settings, said)


def test_a_destruction_names_the_split_that_was_replaced_before_the_drill(open_collection):
    """The log has no more of it than its hash in the split that was drilled; without it the statement is refused."""
    drilled = publish_statement(open_collection.settings, split(open_collection, 1, "abc", "1" * 64))
    require_refused(open_collection, destruction(open_collection, 1, [], "0" * 64, [drilled]), "leaves out a split")
    whole = destruction(open_collection, 1, [], "0" * 64, [drilled, "1" * 64])
    assert publish_statement(open_collection.settings, whole)


def test_a_split_that_one_card_opens_is_refused(ready):
    """Of three cards one opens, though the wave is a demonstration's; two are published."""
    host, name, _, _ = ready
    good = split(host, 1, "def", name)
    members = {one: parse(good)[one] for one in ("fingerprint", "custodians", "supersedes", "commitments")}
    require_refused(host, statement(host, "custody", 1, members | {"threshold": 1}, "sotto-custody-2"), "no majority")
    assert publish_statement(host.settings, good)


def test_a_first_split_is_that_of_its_drill(open_collection):
    """The drilled cards with another threshold are not what was drilled."""
    members = {
        one: parse(split(open_collection, 1, "abc"))[one] for one in ("fingerprint", "custodians", "commitments")
    }
    other = statement(open_collection, "custody", 1, members | {"threshold": 3, "supersedes": None}, "sotto-custody-2")
    require_refused(open_collection, other, "does not follow")


def test_a_destruction_counts_the_results_of_the_log(ready):
    """One that leaves out a published result, or counts one that is not published, is refused."""
    host, name, plan, header = ready
    made = host.release(plan.digest, header)
    require_refused(host, destruction(host, 1, [made], "0" * 64, [name]), "publish that release first")
    releases.publish_release(host.settings, made)
    require_refused(host, destruction(host, 1, [], "0" * 64, [name]), "leaves out the result")
    before = parse(made)["ledger"]["history"][-1]
    require_refused(host, destruction(host, 1, [made], before, [name]), "on a head that the ledger did not have")
    assert publish_statement(host.settings, destruction(host, 1, [made], parse(made)["ledger"]["entry"], [name]))
    assert releases.publish_release(host.settings, made)


def test_nothing_of_a_wave_is_published_after_its_destruction(ready):
    """No intent, split, release or second destruction; the same destruction again is harmless."""
    host, name, plan, header = ready
    gone = destruction(host, 1, [], "0" * 64, [name])
    publish_statement(host.settings, gone)
    before = host_log(host.settings).entries()
    later = "comes after the destruction of the wave's key"
    require_refused(host, intent(host, plan, header, entry_of(host, plan, header, [])), later)
    require_refused(host, split(host, 1, "def", name), later)
    require_refused(host, restated(host, gone, head="1" * 64), later)
    with pytest.raises(ReleaseRefusedError, match=later):
        releases.publish_release(host.settings, host.release(plan.digest, header))
    assert digest(gone) == publish_statement(host.settings, gone)
    assert before == host_log(host.settings).entries()
    assert not [*(host.settings.public / "results").glob(f"{STUDY}/*.json")]


def test_the_office_keeps_what_was_published_and_by_whom_once(ready):
    """Split, intent and destruction stand in the audit under their names, the second publishing adds nothing."""
    host, name, plan, header = ready
    announced = intent(host, plan, header, entry_of(host, plan, header, []))
    require_refused(host, destruction(host, 1, [], "0" * 64, ["1" * 64]), "publish every split of the wave first")
    for content in (announced, destruction(host, 1, [], "0" * 64, [name]), announced):
        publish_statement(host.settings, content)
    with office_session(host.settings) as session:
        told = [act for act in acts(session, ActSearch()) if act.action in set(ACTS.values())]
        kept = [document(session, act.subject.split()[-1]) for act in told]
    assert [ACTS["destruction"], ACTS["intent"], ACTS["custody"]] == [act.action for act in told]
    assert {act.subject.rpartition(" ")[0] for act in told} == {f"{STUDY} 1"}
    assert [announced, name] == [kept[1], digest(kept[2])]
