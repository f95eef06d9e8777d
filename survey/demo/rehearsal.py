"""`sotto demo --invitations`: the whole life of a wave on one machine, from its ceremony to its key's destruction.

Each step is one that a person would take by the same command. What must be refused is tried, and must be refused.
"""

import json
import secrets
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from crypto.envelope import study_id
from crypto.sealing import Sealer
from crypto.withdrawal import owner_secret
from crypto.word_codes import LIST_SIZE, WORDS, write_words
from survey.authoring.compiler import compile_study
from survey.database.migration import migrate
from survey.demo import guide
from survey.demo.demo import SOURCES, STUDY, USER, Story, begin, places, write_plan
from survey.demo.folder import DemoError, Wishes
from survey.demo.phones import Phones
from survey.demo.respondents import HandInError
from survey.demo.servers import Place, free_port, require_free, running, with_issuer
from survey.operations import boxes, invitations, releases, staff, studies, waves
from survey.operations.invitations import Wanted
from survey.operations.plans import publish_plan
from survey.operations.statements import publish_statement
from survey.questionnaire.payload import encode
from survey.simulation.respondents import Priors, respondents
from survey.wave.batch_sizes import MINIMUM
from survey.wave.invitation_codes import Codes
from survey.wave.manifest import Manifest
from survey.wave.respondent_link import respondent_link

BATCH, STRATUM, WAVE = "rehearsal", "open", 1
SOTTO = "from survey.commands.main import main; main()"
VERIFIER = Path(__file__).parents[2] / "verifier" / "verify.py"
Visitor = Callable[[str], int]
"""Answers over a slip's link in a real browser; returns how many answers were handed in, 0 or 1."""


def run(wishes: Wishes, visitor: Visitor | None = None) -> dict[str, Any]:
    """Rehearse; then, unless `--once`, leave the public pages up. Raise DemoError where a step is not as it should."""
    (respond, issuer), desk = with_issuer_behind(wishes)
    story = begin(wishes)
    guide.warn(story.console, guide.REHEARSAL)
    with closing(story.folder):
        return _whole_life(story, [respond, desk, issuer], visitor or guide.by_hand(story.console, once=wishes.once))


def _whole_life(story: Story, hosts: list[Place], visitor: Visitor) -> dict[str, Any]:
    respond, desk, _ = hosts
    wishes, manifest = story.wishes, prepare(story)
    with running(hosts, story.environ, story.folder.log):
        summary = fieldwork(story, respond, manifest, visitor)
        summary |= release(story) | ending(story)
        guide.print_rehearsal(story.console, summary, as_json=wishes.as_json)
        if not wishes.once:
            links = guide.Links(STUDY, respond, desk, manifest.pin, USER, story.password)
            guide.tell_public(story.console, links)
            guide.wait(story.console, hosts)
    return summary


def with_issuer_behind(wishes: Wishes) -> tuple[tuple[Place, Place], Place]:
    """Return respondents' place with the issuer behind it, and the desk's."""
    respond, desk = places(wishes)
    pair = with_issuer(respond, free_port() if wishes.once else wishes.issuer_port)
    require_free(pair[1], "--issuer-port")
    return pair, desk


def prepare(story: Story) -> Manifest:
    """Make the host and the study, hold ceremony and drill, open the wave, register its plan."""
    folder, settings, source = story.folder, story.settings, _by_invitation(story)
    with story.stage("prepare", "Two databases, the study with invitations, a desk account"):
        migrate(settings)
        studies.new_study(settings, source)
        staff.add_user(settings, USER, story.password)
    with story.stage("key", f"Ceremony: {story.wishes.threshold} of {story.wishes.custodians} custodians; the drill"):
        invitations.new_issuer(settings, STUDY, WAVE, folder.root / "issuer.json")
        quorum = ("--threshold", story.wishes.threshold, "--custodians", story.wishes.custodians, "--demo")
        wave = ("--wave", WAVE, "-o", folder.study, "--shares", folder.shares(WAVE))
        story.analysis("key", "ceremony", source, *quorum, *wave, "--issuer", folder.root / "issuer.json")
        story.analysis("key", "drill", folder.study, "--wave", WAVE, "--shares", *folder.share_files(WAVE))
    with story.stage("open", "Registering the plan of twelve tables, opening the wave"):
        write_plan(folder.plan(WAVE), WAVE, None)
        manifest = (folder.wave(WAVE) / "manifest.json").read_bytes()
        waves.open_wave(settings, STUDY, manifest, (folder.wave(WAVE) / "drill.json").read_bytes(), demo=True)
        registered = story.analysis("plan", "register", folder.plan(WAVE), "--study", folder.study)
        publish_plan(settings, Path(registered["folder"]))
    return Manifest.from_bytes(manifest)


def fieldwork(story: Story, front: Place, manifest: Manifest, visitor: Visitor) -> dict[str, Any]:
    """Invite, let everybody answer, withdraw one answer, try to spend a token twice, close, make the box."""
    number = story.wishes.responses
    with story.stage("invite", f"Invitations: {max(number + 3, MINIMUM):,} codes, of which the host keeps hashes"):
        file = story.folder.root / "codes.json"
        invitations.invite(story.settings, Wanted(STUDY, BATCH, STRATUM, max(number + 3, MINIMUM)), file)
        codes = Codes.from_bytes(file.read_bytes()).codes
    phones, drawn = Phones.of(front, manifest), _payloads(story)
    with story.stage("hand_in", f"{number:,} invented people answer: sealed, signed blind, handed in"):
        stored = phones.answer_all(codes[3 : number + 3], islice(drawn, number))
    by_browser = visitor(respondent_link(front.url, STUDY, manifest.pin, STRATUM, codes[0]))
    with story.stage("withdraw", "One more answers, and takes the answer back with eight words"):
        withdraw(phones, manifest, codes[1], next(drawn))
    with story.stage("spend", "A token is spent twice, and on another answer: both must be refused"):
        refused = spend_twice(phones, manifest, codes[2], next(drawn), next(drawn))
    with story.stage("box", "Closing the wave, compacting both databases, making the box"):
        box = boxes.make_box(story.settings, STUDY, WAVE, story.folder.box(WAVE))
    expected = stored + by_browser + 1
    _require(box.count == expected, f"the box holds {box.count} answers where {expected} were to be")
    return {"invited": len(codes), "stored": stored, "by_browser": by_browser, "withdrawn": 1, "refused": refused,
            "boxed": box.count}  # fmt: skip


def withdraw(phones: Phones, manifest: Manifest, code: str, payload: bytes) -> None:
    """Hand an answer in, and take it back by `sotto withdraw`, with the words as a person would type them."""
    places = tuple(secrets.randbelow(LIST_SIZE) for _ in range(WORDS))
    secret = owner_secret(places, study_id(STUDY), bytes.fromhex(manifest.key_id))
    _require(phones.hand_in(phones.seal(code, payload, secret)) == 201, "an answer was not stored")  # noqa: PLR2004
    command = [sys.executable, "-c", SOTTO, "withdraw", f"{phones.front.url}/w/{STUDY}"]
    done = subprocess.run(command, input=write_words(places, "en") + "\n", capture_output=True, text=True, check=False)
    _require(done.returncode == 0, f"the withdrawal was refused: {done.stderr.strip()}")


def spend_twice(phones: Phones, manifest: Manifest, code: str, payload: bytes, other: bytes) -> int:
    """Try what must be refused with one invitation; return how many tries were, all of them; raise DemoError else."""
    honest = phones.seal(code, payload)
    try:
        phones.seal(code, other)
        issued = 1
    except HandInError:
        issued = 0
    sealer = Sealer.of(manifest.public_key, manifest.context, manifest.plaintext_size)
    stolen = replace(honest, envelope=sealer.seal(other, honest.tag))
    statuses = [phones.hand_in(stolen), phones.hand_in(honest), phones.hand_in(honest), phones.used(code)]
    _require((issued, statuses) == (0, [400, 201, 201, 409]), "a token was spent twice, or an honest one refused")
    return 3


def release(story: Story) -> dict[str, Any]:
    """Announce what will be opened, open it with a quorum, publish, and verify as the study and as an outsider."""
    folder, settings = story.folder, story.settings
    opening = ("--box", folder.box(WAVE), "--study", folder.study)
    quorum = folder.share_files(WAVE)[: story.wishes.threshold]
    with story.stage("intent", "Announcing what will be opened, in the public log"):
        story.analysis("key", "intent", folder.plan(WAVE), *opening, "-o", folder.root / "intent.json")
        publish_statement(settings, (folder.root / "intent.json").read_bytes())
    with story.stage("release", f"{len(quorum)} custodians give their shares: opening, counting, paying, signing"):
        few = ["--few"] if story.wishes.responses < 300 else []  # noqa: PLR2004 - the least a release is for
        made = (*opening, "--shares", *quorum, "-o", folder.release(WAVE), *few)
        story.analysis("release", folder.plan(WAVE), *made)
        releases.publish_release(settings, (folder.release(WAVE) / "release.json").read_bytes())
    with story.stage("verify", "Checking the release: as the study, and as an outsider with nothing of Sotto"):
        paths = ("--study", folder.study, "--box", folder.box(WAVE))
        verified = story.analysis("verify", folder.release(WAVE) / "release.json", *paths)["verified"]
        outside = outsider(story)
    return {"release": str(folder.release(WAVE) / "release.json"), "verified": verified, "independent": outside}


def ending(story: Story) -> dict[str, Any]:
    """Destroy the key, publish that it is; another release must be refused; the outsider looks once more."""
    folder = story.folder
    with story.stage("destroy", "Destroying the shares, and saying so in the public log"):
        cards = [option for card in range(1, story.wishes.custodians + 1) for option in ("--confirmed", card)]
        story.analysis("key", "destroy", folder.study, "--wave", WAVE, *cards)
        publish_statement(story.settings, (folder.wave(WAVE) / "destruction.json").read_bytes())
    with story.stage("refuse", "Another release is asked for with the old shares: it must be refused"):
        write_plan(folder.plan(2), WAVE, json.loads((folder.release(WAVE) / "release.json").read_bytes())["plan"])
        try:
            again = ("--box", folder.box(WAVE), "--study", folder.study, "--shares", *folder.share_files(WAVE))
            story.analysis("release", folder.plan(2), *again)
            refused = False
        except DemoError:
            refused = True
        _require(refused, "a destroyed key released something")
        # In life the cards burn before anybody says that they did.
        for share in folder.share_files(WAVE):
            share.unlink()
    return {"destroyed": refused, "independent_after": outsider(story), "seconds": story.seconds}


def outsider(story: Story) -> bool | None:
    """Run the independent verifier over the published files; None where it is not beside this program."""
    if not VERIFIER.exists():
        return None
    command = [sys.executable, "-I", str(VERIFIER), str(story.settings.public)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _by_invitation(story: Story) -> Path:
    """Write the study as one that people are invited to; its other words follow from that."""
    text = (SOURCES / "questionnaire.yaml").read_text(encoding="utf-8")
    path = story.folder.root / "questionnaire.yaml"
    path.write_text(text.replace("\nmode: open\n", "\nmode: invitation\n"), encoding="utf-8")
    return path


def _payloads(story: Story) -> Any:  # noqa: ANN401 - an endless stream of bytes
    questionnaire, _ = compile_study(_by_invitation(story))
    people = respondents(questionnaire, Priors.read(SOURCES / "priors.yaml"), story.wishes.seed)
    return (encode(questionnaire, person) for person in people)


def _require(holds: object, words: str) -> None:
    if not holds:
        raise DemoError(f"the rehearsal stopped: {words}")
