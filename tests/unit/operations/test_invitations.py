"""Batches: made once, told to nobody but the printer, counted when the wave has closed and not before."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from hosts.collection import close_and_box, copied
from hosts.invited import STUDY, issue, message
from sqlalchemy import Engine, event
from sqlmodel import Session

from crypto.canonical import canonical
from crypto.durable import FileTakenError
from crypto.invitation_codes import code_hash, read_code
from crypto.issuing import Issuer
from survey.answers_db import owner_access
from survey.commands.main import main
from survey.document import DocumentError
from survey.issuer_app.keys import IssuerKeyError, IssuerKeys
from survey.office_db.invitations import Batch
from survey.office_db.owner_access import connect_staff_database
from survey.office_db.tables import AuditError, check_audit
from survey.operations import invitations, waves
from survey.operations.fieldwork import InvitationTotals, totals
from survey.operations.transaction import OperationError
from survey.public_log.log_events import host_log
from survey.settings import Settings
from survey.wave.invitation_codes import Codes


def rows(host, query: str) -> list[tuple[object, ...]]:
    """Return what a query of the office finds."""
    with closing(sqlite3.connect(host.settings.office_url.removeprefix("sqlite:///"))) as office:
        return office.execute(query).fetchall()


def files(host) -> bytes:
    """Return every byte of the databases and of the published folder, but not the codes files."""
    home = host.settings.public.parent
    places = [*home.glob("*.sqlite*"), *(path for path in host.settings.public.rglob("*") if path.is_file())]
    return b"".join(path.read_bytes() for path in places)


def test_codes_are_good_private_and_the_hosts_only_as_hashes(invited):
    """Fifty codes that read, in a file of mode 0600; in the databases' bytes there are their hashes and no code."""
    codes = invited.codes()
    path = invited.settings.public.parent / "may.json"
    assert (50, 50, 0o600) == (len(codes), len({read_code(code) for code in codes}), path.stat().st_mode & 0o777)
    held = files(invited)
    assert [True] * 50 == [code_hash(code) in held for code in codes]
    shown = [text for code in codes for text in (code, code[:-1], code.lower(), code[:8])]
    assert [] == [text for text in shown if text.encode() in held]
    assert codes[0].encode() in path.read_bytes(), "the control: the file for the printer has them"


def test_the_table_has_no_time_no_number_and_no_order_of_the_paper(invited):
    """The tables' columns are those of the contract; slips are stored by hash, whatever their order in the file."""
    codes = invited.codes()
    columns = {
        name: [row[1] for row in rows(invited, f"PRAGMA table_info({name})")] for name in ("batch", "invitation")
    }
    batch = ["id", "study", "wave", "name", "stratum", "open", "invited", "issued"]
    assert {"batch": batch, "invitation": ["code_hash", "batch", "blinded_hash"]} == columns
    assert sorted(map(code_hash, codes)) == [row[0] for row in rows(invited, "SELECT code_hash FROM invitation")]
    with pytest.raises(sqlite3.OperationalError):
        rows(invited, "SELECT rowid FROM invitation")


def test_codes_reach_the_database_in_the_order_of_their_hashes(invited):
    """No statement carries hashes in the order of the paper, which a log or a heap would keep.

    Asked of the statement, and not of the table: SQLite's, kept by its key, shows that order whatever came in.
    """
    sent: list[bytes] = []

    def watch(_connection, _cursor, statement, parameters, *_):
        if statement.startswith("INSERT INTO invitation"):
            sent.extend(value for row in parameters for value in row if len(value) == 32)

    event.listen(Engine, "before_cursor_execute", watch)
    try:
        codes = invited.codes()
    finally:
        event.remove(Engine, "before_cursor_execute", watch)
    assert sorted(map(code_hash, codes)) == sent
    assert [*map(code_hash, codes)] != sent, "the control: the paper has another order"


REFUSED = [
    ({"count": 49}, "50 to 100,000"),
    ({"count": 100_001}, "50 to 100,000"),
    ({"stratum": "moon"}, "no stratum moon"),
    ({"batch": "taken"}, "has a batch taken"),
    ({"study": "none"}, "no study none"),
    ({"wave": 3}, "wave 3"),
]


@pytest.mark.parametrize(("wanted", "says"), REFUSED)
def test_a_batch_that_can_not_be_is_refused_and_leaves_no_file(invited, wanted, says):
    """Too few, too many, an unknown stratum or study, a taken name, a wave out of turn: each with its reason."""
    invited.codes("taken")
    before = rows(invited, "SELECT * FROM batch")
    with pytest.raises(OperationError, match=says):
        invited.codes(**{"batch": "june"} | wanted, file="june")
    assert before == rows(invited, "SELECT * FROM batch")
    assert [] == [*invited.settings.public.parent.glob("june*")]


def test_the_codes_file_is_never_written_over(invited):
    """Where the file exists nothing is made, in the database neither."""
    path = invited.settings.public.parent / "may.json"
    path.write_text("mine")
    with pytest.raises(FileTakenError, match="never written over"):
        invited.codes()
    assert ("mine", []) == (path.read_text(), rows(invited, "SELECT * FROM batch"))


def test_codes_of_a_command_that_was_cut_off_are_not_thrown_away(invited):
    """Where a `.part` of an earlier run lies, it may hold good codes: nothing is made, and it stays."""
    part = invited.settings.public.parent / "may.json.part"
    part.write_text("mine")
    with pytest.raises(FileTakenError, match=r"may\.json\.part"):
        invited.codes()
    assert ("mine", []) == (part.read_text(), rows(invited, "SELECT * FROM batch"))


def test_a_codes_file_that_was_touched_is_refused_without_a_word_of_it(invited):
    """A wrong symbol, a code twice and one that is missing are refused; the message has no code."""
    codes = invited.codes()
    document = json.loads((invited.settings.public.parent / "may.json").read_bytes())
    other = "0" if codes[0][0] != "0" else "1"
    for wrong in ([other + codes[0][1:], *codes[1:]], [*codes[:49], codes[0]], codes[:49]):
        with pytest.raises(DocumentError) as refused:
            Codes.from_bytes(canonical(document | {"codes": wrong}))
        assert [] == [code for code in wrong if code[:6] in str(refused.value)]


def test_a_wave_to_come_can_be_invited_to(invited):
    """While wave 1 is open a batch may be made for wave 2; its codes are unknown until then."""
    codes = invited.codes("autumn", wave=2)
    assert 404 == issue(invited.issuer(), codes[0], message(1)).status_code
    assert [(2, "autumn")] == [(one.wave, one.name) for one in invitations.batches(invited.settings, STUDY)]


def test_nothing_that_staff_see_moves_while_answers_come_in(invited):
    """The list of batches is the same before and after codes are used; only the close tells how many were."""
    codes, client = invited.codes(), invited.issuer()
    before = invitations.batches(invited.settings, STUDY)
    for code in codes[:7]:
        assert 200 == issue(client, code, message(1)).status_code
    assert before == invitations.batches(invited.settings, STUDY)
    assert [None] == [one.issued for one in before]
    waves.close_wave(invited.settings, STUDY)
    assert [(7, 50, False)] == [(b.issued, b.invited, b.open) for b in invitations.batches(invited.settings, STUDY)]


def test_a_close_drops_every_flag_and_code(invited):
    """After the close no hash of a code or a blinded message is left in the table; the totals are exact."""
    codes, client = invited.codes() + invited.codes("june", count=60), invited.issuer()
    invited.codes("autumn", wave=2)
    for code in (codes[0], codes[1], codes[-1]):
        issue(client, code, message(1))
    waves.close_wave(invited.settings, STUDY)
    assert [(50,)] == rows(invited, "SELECT count(*) FROM invitation")
    assert [] == rows(invited, "SELECT 1 FROM invitation WHERE blinded_hash IS NOT NULL")
    engine = connect_staff_database(invited.settings.office_url)
    with Session(engine) as session:
        assert InvitationTotals(110, 3) == totals(session, STUDY, 1)
        assert InvitationTotals(50, None) == totals(session, STUDY, 2)
    engine.dispose()


def test_a_close_that_crashed_is_done_again(invited, monkeypatch):
    """Where the close dies before the store closes nothing is dropped; run again it drops and counts the same."""
    codes, client = invited.codes(), invited.issuer()
    issue(client, codes[0], message(1))

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(owner_access, "stop_accepting", dies)
    with pytest.raises(KeyboardInterrupt):
        waves.close_wave(invited.settings, STUDY)
    assert [(50,)] == rows(invited, "SELECT count(*) FROM invitation")
    monkeypatch.undo()
    waves.close_wave(invited.settings, STUDY)
    assert ([(0,)], [(1,)]) == tuple(
        rows(invited, f"SELECT {one}") for one in ("count(*) FROM invitation", "issued FROM batch")
    )


def test_batches_stay_as_they_are(invited):
    """A batch is closed once, twice is harmless; it is never opened again, renamed or deleted, even by the owner."""
    invited.codes()
    assert [1, 1] == [invitations.close_batch(invited.settings, STUDY, "may") for _ in range(2)]
    with pytest.raises(OperationError, match="no batch june"):
        invitations.close_batch(invited.settings, STUDY, "june")
    for statement in ("UPDATE batch SET open = 1", "UPDATE batch SET invited = 9", "DELETE FROM batch"):
        with pytest.raises(sqlite3.IntegrityError, match="sotto: "):
            rows(invited, statement)


def test_every_act_is_in_the_audit_chain(invited):
    """Issuer key, batch and its closing are acts of staff; the chain holds, and breaks where one is changed."""
    invited.codes()
    invitations.close_batch(invited.settings, STUDY, "may")
    engine = connect_staff_database(invited.settings.office_url)
    with Session(engine) as session:
        check_audit(session)
    acts = [row[0] for row in rows(invited, "SELECT action FROM audit")]
    assert {"issuer key made", "batch made", "batch closed"} <= {*acts}
    with closing(sqlite3.connect(invited.settings.office_url.removeprefix("sqlite:///"))) as office:
        office.executescript("DROP TRIGGER audit_stays; UPDATE audit SET subject = 'x' WHERE action = 'batch made'")
    with Session(engine) as session, pytest.raises(AuditError):
        check_audit(session)
    engine.dispose()


def test_issuer_keys_are_made_once_and_are_their_owners_alone(invited, tmp_path):
    """Folder 0700, file 0600; an existing output, a wave that was opened and a folder open to others are refused."""
    keys, out = invited.settings.issuer_keys, tmp_path / "issuer.json"
    assert (0o700, {0o600}) == (keys.stat().st_mode & 0o777, {path.stat().st_mode & 0o777 for path in keys.iterdir()})
    with pytest.raises(OperationError, match="was opened"):
        invitations.new_issuer(invited.settings, STUDY, 1, out)
    made = invitations.new_issuer(invited.settings, STUDY, 2, out)
    assert made.key == IssuerKeys(keys).of(made.key).public
    with pytest.raises(FileTakenError):
        invitations.new_issuer(invited.settings, STUDY, 2, out)
    keys.chmod(0o755)
    with pytest.raises(IssuerKeyError, match="chmod 700"):
        invitations.new_issuer(invited.settings, STUDY, 2, tmp_path / "other.json")


def test_an_issuers_account_reads_keys_as_the_group_of_their_folder(invited, tmp_path):
    """In a folder with the set-group-ID bit a key is 0640 whatever the umask; group writes and others are refused."""
    keys = invited.settings.issuer_keys
    keys.chmod(0o2750)
    before = os.umask(0o077)
    try:
        made = invitations.new_issuer(invited.settings, STUDY, 2, tmp_path / "issuer.json")
    finally:
        os.umask(before)
    assert 0o640 == (keys / f"{made.id}.pem").stat().st_mode & 0o777
    for mode in (0o2770, 0o2751, 0o750):
        keys.chmod(mode)
        with pytest.raises(IssuerKeyError, match="2750"):
            invitations.new_issuer(invited.settings, STUDY, 3, tmp_path / "other.json")


def test_an_open_study_has_no_invitations(collection, tmp_path):
    """A study on an open link gets no codes and no issuer key; the message names posters."""
    wanted = invitations.BatchRequest("q26", "may", "open", 50)
    with pytest.raises(OperationError, match="sotto poster"):
        invitations.invite(collection.settings, wanted, tmp_path / "codes.json")
    with pytest.raises(OperationError, match="open link"):
        invitations.new_issuer(collection.settings, "q26", 1, tmp_path / "issuer.json")
    assert [] == [*tmp_path.glob("*.json")]
    assert Batch.__tablename__ == "batch"


def test_the_log_counts_invited_issued_and_stored(invited, tmp_path):
    """Of 50 invited one was given a token and nobody answered: the log's entry of the box says so, for everyone."""
    issue(invited.issuer(), invited.codes()[0], message(1))
    invited.box(tmp_path / "wave.box")
    (box,) = [entry for entry in host_log(invited.settings).entries() if entry.kind == "box"]
    assert (50, 1, 0, 0) == (box.invited, box.issued, box.count, box.refused)


def key_file(host) -> Path:
    """The one private key on the host."""
    (path,) = host.settings.issuer_keys.glob("*.pem")
    return path


def test_a_wave_opens_only_where_the_key_that_signs_its_tokens_is(inviting, tmp_path):
    """Without the private key opening is refused, the file and the remedy named; with it, or told elsewhere, it opens.

    A file of that name with another key in it is as good as none.
    """
    for number, (change, elsewhere, opens) in enumerate(
        [(None, False, True), (Path.unlink, False, False), (Path.unlink, True, True), (other_key, False, False)]
    ):
        host = copied(inviting, Settings.from_environ({"SOTTO_HOME": str(tmp_path / str(number))}))
        path = key_file(host)
        if change:
            change(path)
        manifest = host.manifest()
        given = (host.settings, STUDY, manifest.to_bytes(), host.drill(manifest))
        if opens:
            assert manifest.pin == waves.open_wave(*given, demo=True, issuer_elsewhere=elsewhere)
        else:
            with pytest.raises(IssuerKeyError, match=rf"{path.name}.*--issuer-elsewhere"):
                waves.open_wave(*given, demo=True)
            assert host.manifest().pin not in str(rows(host, "SELECT * FROM wave"))


def other_key(path: Path) -> None:
    """Put another issuer's key in a file's place."""
    path.write_bytes(Issuer.new().pem)


def test_the_private_key_goes_when_the_wave_closes(invited, tmp_path):
    """It is deleted once, audited once, whether closed or boxed; the running issuer lets go of it and signs no more."""
    code, client, path = invited.codes()[0], invited.issuer(), key_file(invited)
    assert 200 == issue(client, code, message(1)).status_code
    keys = client.application.extensions["issuer"].keys
    assert 1 == len(keys._loaded)
    waves.close_wave(invited.settings, STUDY)
    assert not path.exists()
    assert 410 == issue(client, code, message(1)).status_code
    assert {} == keys._loaded
    for _ in range(2):
        close_and_box(invited.settings, tmp_path / "box")
    assert "" == invitations.key_left(invited.settings, STUDY, 1)
    noted = rows(invited, "SELECT subject FROM audit WHERE action = 'issuer key deleted'")
    assert [(f"{STUDY} 1 {path.stem}",)] == noted


def test_a_close_that_crashed_before_the_key_was_deleted_is_made_good_by_the_box(invited, tmp_path, monkeypatch):
    """The wave is closed for good before the key goes; the box deletes what the close left."""
    with monkeypatch.context() as patched:
        patched.setattr(IssuerKeys, "delete", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            waves.close_wave(invited.settings, STUDY)
    assert key_file(invited).exists()
    assert [("closed",)] == rows(invited, "SELECT state FROM wave")
    close_and_box(invited.settings, tmp_path / "box")
    assert [] == [*invited.settings.issuer_keys.glob("*.pem")]


def test_a_key_that_is_elsewhere_is_named_at_the_close(invited):
    """Where the close finds no key to delete, staff are told which file to delete where the issuer runs."""
    path = key_file(invited)
    path.rename(invited.settings.public.parent / path.name)
    done = CliRunner().invoke(
        main, ["study", "close", STUDY, "--yes"], env={"SOTTO_HOME": str(invited.settings.public.parent)}
    )
    assert 0 == done.exit_code
    assert f"delete {path.name} where the issuer runs" in done.output
    assert [] == rows(invited, "SELECT subject FROM audit WHERE action = 'issuer key deleted'")
