"""`sotto demo --invitations`: the whole life of a wave on one machine, from its ceremony to its key's destruction.

Each step is one that a person would take by the same command. What must be refused is tried, and must be refused.
"""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any

from crypto.envelope import study_id
from crypto.sealing import Sealer
from crypto.withdrawal import owner_secret
from crypto.word_codes import LIST_SIZE, WORDS, write_words
from survey.answers_db.owner_access import connect_owner
from survey.answers_db.row_checks import row_count, withdrawn_count
from survey.authoring.compiler import compile_study
from survey.database.migration import migrate
from survey.demo import guide
from survey.demo.demo import SOURCES, STUDY, DemoRun, add_accounts, choose_servers, start_run, write_plan
from survey.demo.folder import DemoError, DemoOptions
from survey.demo.phones import Phones
from survey.demo.respondents import HandInError
from survey.demo.witnesses import (
    DemoWitness,
    collect_cosignatures,
    majority,
    make_witnesses,
    require_shrunk_refused,
    verified_with_witnesses,
)
from survey.operations import boxes, invitations, releases, studies, waves
from survey.operations.invitations import BatchRequest
from survey.operations.plans import publish_plan
from survey.operations.statements import publish_statement
from survey.public_log.cosigning import publish_cosignatures
from survey.public_log.log_events import host_log
from survey.questionnaire.payload import encode
from survey.release.reliability import MIN_ANSWERS
from survey.serving.servers import Server, free_port, require_free, running, with_issuer
from survey.simulation.respondents import Priors, respondents
from survey.wave.batch_sizes import MINIMUM
from survey.wave.invitation_codes import Codes
from survey.wave.manifest import Manifest
from survey.wave.respondent_link import respondent_link

BATCH, STRATUM, WAVE = "rehearsal", "open", 1
SOTTO = "from survey.commands.main import main; main()"
VERIFIER = Path(__file__).parents[2] / "verifier" / "verify.py"
BrowserRespondent = Callable[[str], int]
"""Answers over a slip's link in a real browser; returns how many answers were handed in, 0 or 1."""


def run_rehearsal(options: DemoOptions, respondent: BrowserRespondent | None = None) -> dict[str, Any]:
    """Rehearse; then, unless `--once`, keep serving the public pages. Raise DemoError where a step fails."""
    (respond, issuer), desk = choose_servers_with_issuer(options)
    run = start_run(options)
    guide.print_warning(run.console, guide.REHEARSAL)
    with closing(run.folder):
        person = respondent or guide.Invited(run.console, lambda: stored_answers(run), once=options.once)
        return _run_steps(run, [respond, desk, issuer], person)


def _run_steps(run: DemoRun, servers: list[Server], respondent: BrowserRespondent) -> dict[str, Any]:
    respond, desk, _ = servers
    with run.stage("witnesses", "Custodians make their keys as witnesses of the public log"):
        witnesses = make_witnesses(run.folder.witnesses, run.options.custodians)
    options, manifest = run.options, prepare(run, witnesses)
    summary = witness_first(run, witnesses)
    with running(servers, run.environ, run.folder.log):
        summary |= fieldwork(run, respond, manifest, respondent)
        summary |= release(run, witnesses) | destroy_key(run, witnesses)
        guide.print_rehearsal(run.console, summary, as_json=options.as_json)
        if not options.once:
            links = guide.Links(STUDY, respond, desk, manifest.pin, run.accounts)
            guide.print_public_pages(run.console, links)
            with run.operator.beside():
                guide.wait_for_person(run.console, servers)
    return summary


def choose_servers_with_issuer(options: DemoOptions) -> tuple[tuple[Server, Server], Server]:
    """Return the respond app's server with the issuer behind it, and the desk's."""
    respond, desk = choose_servers(options)
    respond_and_issuer = with_issuer(respond, free_port() if options.once else options.issuer_port)
    require_free(respond_and_issuer[1], "--issuer-port")
    return respond_and_issuer, desk


def prepare(run: DemoRun, witnesses: Sequence[DemoWitness]) -> Manifest:
    """Set up the host and the study, hold ceremony and drill, open the wave, register its plan."""
    folder, settings, source = run.folder, run.settings, _write_invitation_study(run)
    with run.stage("prepare", "Two databases, the study with invitations, two desk accounts"):
        migrate(settings)
        studies.new_study(settings, source)
        add_accounts(run)
    with run.stage("key", f"Ceremony: {run.options.threshold} of {run.options.custodians} custodians; the drill"):
        invitations.new_issuer(settings, STUDY, WAVE, folder.root / "issuer.json")
        quorum = ("--threshold", run.options.threshold, "--custodians", run.options.custodians, "--demo")
        wave = ("--wave", WAVE, "-o", folder.study, "--shares", folder.shares(WAVE))
        named = [option for witness in witnesses for option in ("--witness", witness.vkey)]
        run.analyse("key", "ceremony", source, *quorum, *wave, "--issuer", folder.root / "issuer.json", *named)
        run.analyse("key", "drill", folder.study, "--wave", WAVE, "--shares", *folder.share_files(WAVE))
    with run.stage("open", "Registering the plan of twelve tables, opening the wave"):
        write_plan(run.study, folder.plan(WAVE), WAVE, None)
        manifest = (folder.wave(WAVE) / "manifest.json").read_bytes()
        waves.open_wave(settings, STUDY, manifest, (folder.wave(WAVE) / "drill.json").read_bytes(), demo=True)
        publish_statement(settings, (folder.wave(WAVE) / "custody.json").read_bytes())
        registered = run.analyse("plan", "register", folder.plan(WAVE), "--study", folder.study)
        publish_plan(settings, Path(registered["folder"]))
    return Manifest.from_bytes(manifest)


def witness_first(run: DemoRun, witnesses: Sequence[DemoWitness]) -> dict[str, Any]:
    """Let all witnesses see and sign the log for the first time, and one be shown a log that lost an entry."""
    with run.stage("witness", f"{len(witnesses)} witnesses sign the log; one is shown a shorter one, and refuses"):
        cosign(run, witnesses, "--first")
        require_shrunk_refused(witnesses[0], run.settings.public, run.folder.witnesses / "shrunk")
    return {"witnesses": len(witnesses), "shrunk_refused": True}


def cosign(run: DemoRun, witnesses: Sequence[DemoWitness], *options: str) -> None:
    """Let these witnesses sign the newest head, and publish what they signed."""
    lines = collect_cosignatures(witnesses, run.settings.public, *options)
    publish_cosignatures(host_log(run.settings), lines, int(time.time()))


def fieldwork(run: DemoRun, server: Server, manifest: Manifest, respondent: BrowserRespondent) -> dict[str, Any]:
    """Issue codes, send all answers, withdraw one, try to spend a token twice, close the wave and make the box."""
    number = run.options.responses
    with run.stage("invite", f"Invitations: {max(number + 3, MINIMUM):,} codes, of which the host keeps hashes"):
        file = run.folder.root / "codes.json"
        invitations.invite(run.settings, BatchRequest(STUDY, BATCH, STRATUM, max(number + 3, MINIMUM)), file)
        codes = Codes.from_bytes(file.read_bytes()).codes
    phones, payloads = Phones.of(server, manifest), _payloads(run)
    with run.stage("hand_in", f"{number:,} invented people answer: sealed, signed blind, handed in"):
        stored = phones.answer_all(codes[3 : number + 3], islice(payloads, number))
    by_browser = respondent(respondent_link(server.url, STUDY, manifest.pin, STRATUM, codes[0]))
    with run.stage("withdraw", "One more answers, and withdraws the answer with its withdrawal code"):
        withdraw(phones, manifest, codes[1], next(payloads))
    with run.stage("spend", "A token is spent twice, and on another answer: both must be refused"):
        refused = spend_twice(phones, manifest, codes[2], next(payloads), next(payloads))
    with run.stage("box", "Closing the wave, compacting both databases, making the box"):
        waves.close_wave(run.settings, STUDY)
        box = boxes.make_box(run.settings, STUDY, WAVE, run.folder.box(WAVE))
    # Whoever answered in the browser may have withdrawn that answer too.
    withdrawn = withdrawn_answers(run, manifest, most=1 + by_browser)
    expected = stored + by_browser + 2 - withdrawn
    _require(box.count == expected, f"the box holds {box.count} answers where {expected} were to be")
    return {"invited": len(codes), "stored": stored, "by_browser": by_browser, "withdrawn": withdrawn,
            "refused": refused, "boxed": box.count}  # fmt: skip


def stored_answers(run: DemoRun) -> int:
    """Return how many answers the rehearsal's host holds, of any wave."""
    engine = connect_owner(run.settings.answers_url)
    number = row_count(engine)
    engine.dispose()
    return number


def withdrawn_answers(run: DemoRun, manifest: Manifest, most: int) -> int:
    """Return how many answers were withdrawn, once both databases are compacted: that of the step, and up to `most`."""
    engine = connect_owner(run.settings.answers_url)
    withdrawn = withdrawn_count(engine, bytes.fromhex(manifest.key_id))
    engine.dispose()
    _require(1 <= withdrawn <= most, f"{withdrawn} answers were withdrawn where 1 to {most} could be")
    return withdrawn


def withdraw(phones: Phones, manifest: Manifest, code: str, payload: bytes) -> None:
    """Submit an answer, and withdraw it by `sotto withdraw` with the words as a person would type them."""
    word_indexes = tuple(secrets.randbelow(LIST_SIZE) for _ in range(WORDS))
    secret = owner_secret(word_indexes, study_id(STUDY), bytes.fromhex(manifest.key_id))
    _require(phones.send(phones.seal(code, payload, secret)) == HTTPStatus.CREATED, "an answer was not stored")
    command = [sys.executable, "-c", SOTTO, "withdraw", f"{phones.server.url}/w/{STUDY}"]
    result = subprocess.run(
        command, input=write_words(word_indexes, "en") + "\n", capture_output=True, text=True, check=False
    )
    _require(result.returncode == 0, f"the withdrawal was refused: {result.stderr.strip()}")


def spend_twice(phones: Phones, manifest: Manifest, code: str, payload: bytes, other: bytes) -> int:
    """Try to misuse one invitation; return the number of tries; raise DemoError unless all were refused."""
    honest = phones.seal(code, payload)
    try:
        phones.seal(code, other)
        issued = 1
    except HandInError:
        issued = 0
    sealer = Sealer.of(manifest.public_key, manifest.context, manifest.plaintext_size)
    stolen = replace(honest, envelope=sealer.seal(other, honest.row_key))
    forged = replace(honest, c=bytes(31) + b"\x01")
    statuses = [phones.send(record) for record in (forged, honest, honest, stolen)]
    _require((issued, statuses) == (0, [400, 201, 201, 400]), "a token was spent twice, or an honest one refused")
    return 3


def release(run: DemoRun, witnesses: Sequence[DemoWitness]) -> dict[str, Any]:
    """Announce what will be opened, open it with a quorum, publish, and verify as the study and as an outsider."""
    folder, settings = run.folder, run.settings
    opening = ("--box", folder.box(WAVE), "--study", folder.study)
    quorum = folder.share_files(WAVE)[: run.options.threshold]
    with run.stage("intent", "Announcing what will be opened, in the public log"):
        run.analyse("key", "intent", folder.plan(WAVE), *opening, "-o", folder.root / "intent.json", "--yes")
        publish_statement(settings, (folder.root / "intent.json").read_bytes())
    with run.stage("release", f"{len(quorum)} custodians give their shares: opening, counting, paying, signing"):
        few = ["--few"] if run.options.responses < MIN_ANSWERS else []
        arguments = (*opening, "--shares", *quorum, "-o", folder.release(WAVE), *few, "--yes")
        run.analyse("release", folder.plan(WAVE), *arguments)
        releases.publish_release(settings, (folder.release(WAVE) / "release.json").read_bytes())
    with run.stage("verify", "Two witnesses sign; checking the release as the study, and as an outsider without Sotto"):
        cosign(run, witnesses[: majority(witnesses)])
        paths = ("--study", folder.study, "--box", folder.box(WAVE))
        verified = run.analyse("verify", folder.release(WAVE) / "release.json", *paths)["verified"]
        independent = verify_independently(run)
        _require(verified_with_witnesses(settings.public), "`sotto log verify` found something, or no quorum")
    return {"release": str(folder.release(WAVE) / "release.json"), "verified": verified, "independent": independent}


def destroy_key(run: DemoRun, witnesses: Sequence[DemoWitness]) -> dict[str, Any]:
    """Destroy the key and publish the statement; another release must be refused; verify independently again."""
    folder = run.folder
    with run.stage("destroy", "Destroying the shares, and saying so in the public log"):
        cards = [option for card in range(1, run.options.custodians + 1) for option in ("--confirmed", card)]
        run.analyse("key", "destroy", folder.study, "--wave", WAVE, *cards)
        publish_statement(run.settings, (folder.wave(WAVE) / "destruction.json").read_bytes())
        cosign(run, witnesses[-majority(witnesses) :])
    with run.stage("refuse", "Another release is asked for with the old shares: it must be refused"):
        write_plan(
            run.study, folder.plan(2), WAVE, json.loads((folder.release(WAVE) / "release.json").read_bytes())["plan"]
        )
        try:
            arguments = ("--box", folder.box(WAVE), "--study", folder.study, "--shares", *folder.share_files(WAVE))
            run.analyse("release", folder.plan(2), *arguments)
            refused = False
        except DemoError:
            refused = True
        _require(refused, "a destroyed key released something")
        # In production the cards are destroyed before custodians confirm it.
        for share in folder.share_files(WAVE):
            share.unlink()
    return {"destroyed": refused, "independent_after": verify_independently(run), "seconds": run.seconds}


def verify_independently(run: DemoRun) -> bool | None:
    """Run the independent verifier over the published files; None where it is not beside this program."""
    if not VERIFIER.exists():
        return None
    command = [sys.executable, "-I", str(VERIFIER), str(run.settings.public)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _write_invitation_study(run: DemoRun) -> Path:
    """Write the study with `mode: invitation`; its texts follow from the mode."""
    text = (SOURCES / "questionnaire.yaml").read_text(encoding="utf-8")
    path = run.folder.root / "questionnaire.yaml"
    path.write_text(text.replace("\nmode: open\n", "\nmode: invitation\n"), encoding="utf-8")
    return path


def _payloads(run: DemoRun) -> Iterator[bytes]:
    questionnaire, _ = compile_study(_write_invitation_study(run))
    people = respondents(questionnaire, Priors.read(SOURCES / "priors.yaml"), run.options.seed)
    return (encode(questionnaire, person) for person in people)


def _require(condition: object, message: str) -> None:
    if not condition:
        raise DemoError(f"the rehearsal stopped: {message}")
