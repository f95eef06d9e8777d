"""Checks what a Sotto host has published, with nothing of Sotto: `python3 verify.py FOLDER-OR-ADDRESS`.

Needs Python 3.11 and `cryptography` 50 or newer. It sees what was edited, taken back, put in late, paid for twice, or
released with other noise than was paid for; what it does not look at, it lists. Ends with 0: all that it looked at
holds, 1: something does not, 2: it was called wrongly, 3: it could not look.
"""

import argparse
import base64
import json
import math
import re
import time
import urllib.request
import zlib
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from hashlib import sha256
from http.client import HTTPException
from itertools import product
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import HTTPHandler, HTTPSHandler, ProxyHandler, UnknownHandler

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa

Doc = dict[str, Any]
LABEL, HALVES = b"sotto signature v1\x00", ("ed25519", "ml-dsa-65")
SHORT, LONG, WHOLE = 1 << 14, 1 << 26, 300  # the most bytes of a key or head, of any other file; seconds of an answer
HASH, SLUG, PIPE = map(re.compile, ("[0-9a-f]{64}", "[a-z][a-z0-9-]{0,47}", r"\{([^{}|]*)\|[^{}]*\}"))
BESIDE = r"log/cosignatures/\d+|studies/[^/]+\.json|b/.+|media/[^/]+|(results/.+)\.([A-Za-z-]+\.xlsx|workbooks\.json)"
UNLOGGED, ONION = re.compile(BESIDE), re.compile(r"\w+://[^/]+\.onion(:\d+)?")
COUNTS = ("count", "refused", "issued", "invited")  # in their order: of a box's entry, the first is the smallest
KINDS_OF_ENTRIES = """\
manifest: manifests: drill: Each wave opened once, its key tested, under the study's signature
frontend: frontends: : What browsers are served is named for each wave
pages: pages: : The pages that every phone gets are named for each wave, with their headers
custody: custodies: : Each split of a key into cards is signed, and follows the split before it
correction: corrections: : Each correction of words is signed, told whole, and kept by box, result and next wave
plan: plans: registration: Each plan was signed by the study, on a day, and follows the plan before it
box: boxes: root count receipts refused: A wave has one box, which names its plans; answers <= tokens <= invitations
intent: intents: : What would be opened was announced and signed before
release: results/{study}: ledger: Each result is signed, and of its plan, its box and its wave
destruction: destructions: : A destroyed key released nothing more, and nothing that is not published"""
SIGNED, PLANNED = "study wave manifest day signer signature", "id nano_rho reason hypotheses"
ESTIMATE = "results.tables[].estimates[]"
MEMBERS_BY_PLACE = f"""\
manifests: format=sotto-manifest-2 study wave mode sealing key key_id issuer_key plaintext_size questionnaire texts\
 thresholds signer witnesses budget demo
manifests.budget: nano_rho atto_delta
manifests.witnesses: keys quorum
questionnaires: format=sotto-questionnaire-3 study version locales mode sealing strata forms items pairs derived\
 | groups drafts resume voice work overview
questionnaires.forms[]: id | when
questionnaires.items[]: id type block forms options missing shuffle\
 | ask_if choice_filter specifies checks base private randomise cap unit lines treatment count words length
questionnaires.items[].options[]: code | end last exclusive from to arm count for
questionnaires.items[].randomise: epsilon
questionnaires.derived[]: id levels | score base population undefined_if sum cases else
questionnaires.derived[].sum[]: | value_of times map else when add count of minus floor answers
questionnaires.derived[].cases[]: when value
questionnaires.groups[]: id kind items shuffle
questionnaires.drafts: days
texts: format=sotto-texts-2 study locale dir name title consent endings thanks debrief items missing derived interface\
 | groups hints audio
texts.consent: paragraphs question agree decline
texts.items.*: text options | ends lines pictures units checks
texts.derived.*: text levels
drills: format=sotto-drill-1 study wave manifest threshold custodians subsets commitments signer signature
frontends: format=sotto-frontend-1 files
pages: format=sotto-pages-1 study wave frontend pages
pages.pages.*: sha256 headers
custodies: format=sotto-custody-2 {SIGNED} fingerprint threshold custodians commitments supersedes
corrections: format=sotto-correction-1 {SIGNED} previous reason meaning=same changes texts
corrections.changes[]: locale place old new
plans: format=sotto-plan-2 study wave parent title reason nano_rho tables | margins words expects answers
plans.tables[]: {PLANNED} dimensions population | weight_by
plans.words[]: {PLANNED} item atto_delta
plans.margins[]: dimension shares without of source status
plans.expects[]: dimension codes reason | tables
registrations: format=sotto-registration-2 study wave plan parent nano_rho instead day signer signature
boxes: format=sotto-box-3 study wave mode manifest key_id record_size count root plans corrections
intents: format=sotto-intent-1 {SIGNED} plan box count head
results: format=sotto-release-4 {SIGNED} mode unit registered demo notes title questionnaire plan intent box budget\
 mechanism ledger labels tables | margins about fieldwork words corrections version
results.version: number since
results.budget: cost spent total epsilon curve atto_delta
results.budget.atto_delta: cost spent total
results.budget.curve: least_sigma epsilon
results.budget.epsilon results.budget.curve.epsilon: 1e-5 1e-6 1e-9
results.mechanism: library=opendp version name=discrete-gaussian measure=zCDP neighbours=change-one
results.ledger: sequence entry previous nonce history
results.about: format=sotto-about-3 study version | organisation contact ethics permit authors funders abstract\
 population sampling access keywords countries licence url
results.about.authors[]: name | kind affiliation affiliation_url orcid
results.fieldwork: format=sotto-fieldwork-1 study wave root opened closed answered | invited issued
results.words[]: {PLANNED} item atto_delta most sigma threshold measurement margin phrases
results.words[].phrases[]: phrase count
results.tables[]: {PLANNED} dimensions population l2_squared sensitivity_squared sigma measurement counts consistent\
 variances notes estimates | weighted
{ESTIMATE}: group base sizes abstained mean shares | row median top difference
{ESTIMATE}.sizes: asked answered substantive
{ESTIMATE}.sizes.asked {ESTIMATE}.sizes.answered {ESTIMATE}.sizes.substantive: number margin
{ESTIMATE}.mean {ESTIMATE}.difference results.tables[].weighted.mean: value margin
{ESTIMATE}.median: value low high
{ESTIMATE}.top: codes share margin
{ESTIMATE}.shares[] results.tables[].weighted.shares[]: code base share margin reliable | bayes
results.tables[].weighted: by base method classes abstained kish trimmed covers_population mean shares
destructions: format=sotto-destruction-1 {SIGNED} splits releases head
destructions.splits[]: custody threshold custodians confirmed
drills.signature custodies.signature corrections.signature registrations.signature intents.signature results.signature\
 destructions.signature: ed25519 ml-dsa-65"""
KINDS = {line.split(": ")[0]: line.split(": ")[1:] for line in KINDS_OF_ENTRIES.splitlines()}
MEMBERS = {one: members for line in MEMBERS_BY_PLACE.splitlines() for where, members in [line.split(": ")]
           for one in where.split()}  # fmt: skip
FORM, PATHS = "/f/{0}", ("/s/{0}", "/w/{0}", "/c/{0}", "/k/{0}", "/k/{0}/sw.js", "/k/{0}/app.webmanifest", "/blank")
OF_NO_PAGE = {"date", "server", "connection", "keep-alive", "content-length", "content-encoding", "transfer-encoding",
              "vary", "strict-transport-security"}  # fmt: skip
ASKS = re.compile(rb"<(script|form|input|button|iframe)", re.IGNORECASE)
OF_FILES = {"content-type", "permissions-policy", "onion-location"}
ANDROID = "(Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36"
PHONE = {"User-Agent": f"Mozilla/5.0 {ANDROID}", "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
         "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8", "Accept-Encoding": "gzip", "Sec-Fetch-Site": "none",
         "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}  # fmt: skip
OLDEST = 14 * 24 * 3600  # seconds: while a wave is open, no older cosignature counts
SERVED = "What the host serves in an open wave, pages, headers and files, is what the log names"
QUORUM = "Enough witnesses cosigned the log, as each manifest asks"
LISTED = "The lists of receipts hold each answer of the box once"
SHAPED = "Each table has the levels, the price and the noise that its plan and questionnaire imply"
UNSEEN = """\
whether each answer that was acknowledged is in its box; whether the noise was drawn as the study signed that it was
shares, means, margins, consistent cells and epsilons, which follow from the noisy counts (`sotto verify`)
which of 98 and 99 an indicator may have; what a question's conditions name, recordings; workbooks; b/, media/
which log and pages others are shown; with no --since, whether this log lost something: keep heads, and compare them"""


class Fault(Exception): ...  # something that does not hold, in words


BROKEN = (Fault, InvalidSignature, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError,
          StopIteration, zlib.error)  # fmt: skip


def require(holds: object, message: str) -> None:
    if not holds:
        raise Fault(message)


def printable(text: str) -> str:  # as a terminal may get it: no controls, escape sequences or changes of direction
    whole = text if len(text) <= 800 else f"{text[:800]}… (cut)"
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in whole)


def compact(value: object) -> bytes:  # canonical JSON, of values without fractions: every writer writes them alike
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(raw: bytes) -> str:
    return sha256(raw).hexdigest()


def strict_base64(text: str) -> bytes:
    raw = base64.b64decode(text)
    require(base64.b64encode(raw).decode() == text, f"{text} is not written as base64 must be")
    return raw


def unique(pairs: list[tuple[str, Any]]) -> Doc:
    require(len(dict(pairs)) == len(pairs), "a name stands twice in a document")
    return dict(pairs)


def parsed(raw: bytes) -> Any:
    return json.loads(raw, object_pairs_hook=unique, parse_constant=lambda word: require(False, f"{word} is no number"))


def known(place: str, document: Any, members: str) -> Doc:
    """Require these members and no others; `name=value` may have no other value, those after the stroke be absent."""
    due, more = (dict(one.partition("=")[::2] for one in part.split()) for part in members.partition("|")[::2])
    require(not {*due} - {*document}, f"{place} lacks {', '.join(sorted({*due} - {*document}))}")
    unknown = {*document} - {*due} - {*more}
    require(not unknown, f"{place} has members that are not documented: {', '.join(sorted(unknown))}")
    return same(place, document, **{name: value for name, value in due.items() if value})


def walk(place: str, kind: str, value: Any) -> None:
    """Require of a document, and of all that lies in it, the members that MEMBERS_BY_PLACE has for its kind."""
    if kind in MEMBERS and value is not None:
        known(place, value, MEMBERS[kind])
    for name, one in value.items() if isinstance(value, dict) else ():
        walk(f"{place}: {name}", f"{kind}.{name if kind in MEMBERS else '*'}", one)
    for number, one in enumerate(value if isinstance(value, list) else (), start=1):
        walk(f"{place}: {number}", f"{kind}[]", one)


def same(place: str, document: Doc, **expected: object) -> Doc:
    wrong = [name for name, value in expected.items() if compact(document.get(name, "")) != compact(value)]
    require(not wrong, f"{place} is of another {', '.join(wrong)}")
    return document


def in_order(place: str, *days: str) -> None:
    require(all(date.fromisoformat(day).isoformat() == day for day in days), f"{place} has something else than a day")
    require([*days] == sorted(days), f"{place}: its days run backwards: {', '.join(days)}")


def tree(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:  # RFC 9162 section 2.1.1
        return leaves[0] if leaves else sha256().digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + tree(leaves[:split]) + tree(leaves[split:])).digest()


def key_of(vkey: str, *types: int) -> tuple[str, str, bytes]:
    """Return name, id and bytes, of which the first is the type, of a public key (C2SP signed-note)."""
    name, key_id, encoded = vkey.split("+", 2)
    public = strict_base64(encoded)
    right = key_id == digest(f"{name}\n".encode() + public)[:8] and public[0] in types
    require(right, f"the key {name} is damaged, or of a type that this program does not know")
    return name, key_id, public


def signatures(lines: list[str], name: str, key_id: str) -> list[bytes]:  # those that a key made, without its id
    every = [strict_base64(line.removeprefix(f"— {name} ")) for line in lines if line.startswith(f"— {name} ")]
    return [one[4:] for one in every if one[:4].hex() == key_id]


def open_head(note: bytes, vkey: bytes) -> tuple[int, bytes]:
    """Return size and root of a checkpoint that the key `vkey` signed (C2SP tlog-checkpoint, signed-note)."""
    name, key_id, public = key_of(vkey.decode().removesuffix("\n"), 1)
    body, _, lines = note.decode().rpartition("\n\n")
    (origin, size, root), made = body.split("\n"), signatures(lines.split("\n"), name, key_id)
    require(origin == name and made, "a head is damaged, or of another log")
    ed25519.Ed25519PublicKey.from_public_bytes(public[1:]).verify(made[0], f"{body}\n".encode())
    return int(size), strict_base64(root)


def require_cosignature(name: str, public: bytes, made: bytes, head: tuple[str, int, bytes]) -> None:
    """Require that a witness signed origin, size and root of a head at the time in 8 bytes (C2SP tlog-cosignature)."""
    (origin, size, root), stamp = head, made[:8]
    if public[0] == 4:
        text = f"time {int.from_bytes(stamp)}\n{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        ed25519.Ed25519PublicKey.from_public_bytes(public[1:]).verify(made[8:], f"cosignature/v1\n{text}".encode())
    else:
        names = [bytes([len(one)]) + one for one in (name.encode(), origin.encode())]
        message = b"subtree/v1\n\x00" + names[0] + stamp + names[1] + bytes(8) + size.to_bytes(8) + root
        mldsa.MLDSA44PublicKey.from_public_bytes(public[1:]).verify(made[8:], message)


def place_of(entry: Doc) -> str:
    return f"{KINDS[entry['kind']][0].format(**entry)}/{entry['hash']}.json"


def require_noise(place: str, sigma: float, moved: int, nano_rho: int) -> None:
    """Require sigma**2 = moved / (2 rho), `moved` being the squared sensitivity (Bun and Steinke 2016, 1.6)."""
    require(type(sigma) in (int, float) and sigma > 0, f"{place}: its sigma is no number above 0")
    paid, drawn = Fraction(moved * 10**9, 2 * nano_rho), Fraction(sigma) ** 2
    words = f"noise than was paid for, of sigma {sigma}, where its price pays for {math.sqrt(paid):g}"
    require(paid <= drawn <= paid * Fraction("1.000001"), f"{place} has {'less' if drawn < paid else 'other'} {words}")


def moved_by(axes: tuple[Doc, ...], most: int) -> int:
    """Return the squared sensitivity of a table in which one record stands in `most` cells (docs/numbers.md)."""
    options = sum(code not in (90, 97, 98, 99, 254, 255) for code in axes[0]["codes"])
    return max(min(2 * most, options), min(most, options) + 1) if len(axes) == 1 and axes[0]["multi"] else 2 * most


def require_threshold(place: str, listed: Doc) -> None:
    """Require that a phrase of one person is listed with at most the chance that was paid for (docs/numbers.md)."""
    sigma, least = listed["sigma"], listed["threshold"] - 1
    require(sigma < 10**6, f"{place} has more noise than any list of words")
    tail = math.fsum(math.exp(-((least + step) ** 2) / (2 * sigma**2)) for step in range(int(12 * sigma) + 2))
    chance = listed["most"] * tail / (sigma * math.sqrt(2 * math.pi))
    require(least > 0 and chance <= listed["atto_delta"] * 1.000001e-18, f"{place}: its threshold is under its price")


def answered(asked: urllib.request.Request, most: int, came: list[Any]) -> None:
    """Append status, body and headers of an answer, whose redirects are not followed; or 0, and why there is none."""
    opener = urllib.request.OpenerDirector()
    for handler in (ProxyHandler, UnknownHandler, HTTPHandler, HTTPSHandler):
        opener.add_handler(handler())
    try:
        with opener.open(asked, timeout=60) as answer:
            came.append((answer.status or 200, bytes(answer.read(most + 1)), answer.headers))
    except (OSError, ValueError, HTTPException) as error:
        came.append((0, error, None))


def derived(asked: Doc) -> Doc:
    """Return what a manifest says of its questionnaire: the size of answers, and T of each item drawn on the phone."""
    wide, kept = 40, dict[str, int]()  # two bytes of length, 32 of u, six of the payload's header
    for item in asked["items"]:
        options = [one for one in item["options"] if one.get("end") is None]
        phrases = 4 * int(item.get("count", 0)) * int(item.get("length", 0))
        more = {"note": -1, "phrase": phrases, "multi": (len(item["options"]) + 7) // 8}  # than the byte of most
        wide += 1 + more.get(item["type"], 0)
        if drawn := item.get("randomise"):  # T = floor(2^32 e^epsilon / (e^epsilon + k - 1)) of k codes
            with localcontext(prec=99):
                power = Decimal(drawn["epsilon"]).exp()
                kept[item["id"]] = int(power * 2**32 / (power + len(options) + len(item["missing"]) - 1))
    return {"plaintext_size": -(-wide // 256) * 256, "thresholds": kept}


# What stands in a study's words and may be corrected: no consent, recording, picture, or word of the program's own.
OF_ITEMS = r"items\.\w+\.(text|options|ends|lines)"
WORDS = re.compile(rf"(title|debrief|thanks|endings|missing|groups|hints|derived|{OF_ITEMS})(\..*)?")


def replaced(place: str, texts: dict[str, Doc], changes: list[Doc]) -> dict[str, Doc]:
    """Return the texts by locale with changed words; what is piped into them must stay."""
    texts = parsed(compact(texts))
    for one in changes:
        (*way, last), within = one["place"].split("."), texts[one["locale"]]
        for name in way:
            within = within[name]
        key: Any = int(last) - 1 if isinstance(within, list) else last
        right = within[key] == one["old"] and WORDS.fullmatch(one["place"]) and isinstance(one["new"], str)
        require(right, f"{place}: {one['place']} had other words, or is none that may be corrected")
        piped = [sorted(PIPE.findall(one[name])) for name in ("old", "new")]
        require(piped[0] == piped[1], f"{place}: {one['place']} shows other answers than before")
        within[key] = one["new"]
    return texts


class Questions:  # the dimensions that a questionnaire allows, with their closed levels, by its document alone
    def __init__(self, asked: Doc, thresholds: Doc) -> None:
        of = ({one["id"]: one for one in asked.get(kind, [])} for kind in ("items", "derived", "groups"))
        (self.items, self.derived, self.groups), self.thresholds = of, thresholds
        modes, quality = ["self", "kiosk", "assisted", "server"], ["nothing-noticed", "hasty"]
        levels = (asked["locales"], modes, [form["id"] for form in asked["forms"]], asked["strata"], quality)
        self.header = dict(zip(("@locale", "@mode", "@form", "@stratum", "@quality"), levels, strict=True))

    def item(self, name: str) -> tuple[Doc, list[Doc]]:  # of a group: its first; with the options that are levels
        item = self.items.get(self.groups[name]["items"][0] if name in self.groups else name, {})
        return item, [one for one in item.get("options", ()) if one.get("end") is None]

    def dimension(self, name: str, codes: list[int]) -> tuple[Doc, int]:
        """Return what a release states of a dimension, and in how many of its cells one record may stand."""
        axis: Doc = {"id": name, "multi": False, "score": False, "base": "asked"}
        if name in self.header:
            return axis | {"codes": [*range(len(self.header[name])), 255]}, 1
        if name in self.derived:
            own, missing = self.derived[name], [code for code in (98, 99) if code in codes]  # which nothing else tells
            axis |= {"score": own.get("score", False), "base": own.get("base") or "answered"}
            return axis | {"codes": [*own["levels"], *missing, 97, 255]}, 1
        group, (item, options) = self.groups.get(name, {}), self.item(name)
        missing = [code for code in (90, 98, 99) if code in item["missing"]]
        axis |= {"codes": [*(one["code"] for one in options), *missing, 97, 255]}
        axis |= {"base": item.get("base") or ("substantive" if item["type"] == "list" else "answered")}
        axis |= {"multi": item["type"] == "multi" or group.get("kind") == "ranking"}
        axis |= {"rows": group["items"]} if group.get("kind") == "grid" else {}
        axis |= {"threshold": self.thresholds[name]} if name in self.thresholds else {}
        axis |= {"list": True} if item["type"] == "list" else {}
        most = (item.get("cap") or len(options)) if item["type"] == "multi" else 1
        return axis, len(group["items"]) if group else most

    def label(self, name: str, texts: Doc, levels: Doc) -> Doc:
        """Return what a dimension and its levels are called; `levels` tell whether an indicator has 98 and 99."""
        (item, options), derived = self.item(name), texts["derived"].get(name)
        if name in self.header:
            text, words = name, dict(enumerate(self.header[name]))
        elif derived:
            text, words = derived["text"], texts["missing"] | derived["levels"]
        else:
            own = texts["items"][item["id"]]
            text, words = texts.get("groups", {}).get(name, own["text"]), texts["missing"] | own["options"]
            if above := texts["items"].get(item.get("specifies")):  # an option's phrase: its question and the option
                (code,) = item["ask_if"].get("in") or item["ask_if"]["has"]
                text = f"{above['text']} · {above['options'][str(code)]} · {text}"
        words = {int(code): PIPE.sub(r"[\1]", word) for code, word in words.items()}
        for one in options if item.get("type") == "list" else ():
            words[one["code"]] += f" / {item['lines'] - (0 if one.get('arm') else len(item.get('treatment') or ()))}"
        codes = [code for code in self.dimension(name, [*map(int, levels)])[0]["codes"] if code not in (97, 255)]
        return {"text": PIPE.sub(r"[\1]", text), "levels": {str(code): words[code] for code in codes}}


class Verifier:  # the checks over a site; `rows` has of each its title, True, False or None (a remark), and the result
    def __init__(self, where: str, key: str | None = None, since: bytes | None = None, mirror: object = None) -> None:
        self.folder, self.base = None if "://" in where else Path(where), where.rstrip("/")
        self.key, self.since, self.reading, self.places = key, since, "", set[str]()
        self.raw, self.documents, self.hashes = dict[str, bytes](), dict[str, Doc](), dict[str, str]()
        self.rows, self.entries, self.before = list[tuple[str, bool | None, str]](), list[Doc](), list[Doc]()
        self.linked, self.copied, self.compared = set[str](), bool(self.folder or mirror), False
        self.vkey, self.size, self.root, self.lines, self.leaves = b"", 0, b"", list[bytes](), list[bytes]()

    def check(self, title: str, method: Any, *arguments: Any) -> bool:  # whatever breaks is a fault
        try:
            result, held = method(*arguments), True
        except BROKEN as error:
            broken = "has a false signature" if isinstance(error, InvalidSignature) else "is not written as it must be"
            result, held = str(error) if isinstance(error, Fault) else f"{self.reading} {broken}", False
        self.rows.append((title, held, result if isinstance(result, str) else ""))
        return held

    def run(self) -> bool:
        if self.check("The log's newest head is signed by the log's key", self.newest):
            self.check("The log holds exactly the entries that its head signed", self.log)
        for number, line in enumerate(self.lines, start=1):
            self.check("Each line of the log is an entry as it is documented", self.entry, number, line)
            self.check("The log only ever grew: every older head fits", self.fits, f"log/heads/{number}", None, number)
        if self.since is not None:
            self.check("The log continues the head that you kept", self.fits, "the head that you kept", self.since)
        for place in self.hashes:
            self.check("Every document that the log names is there, unchanged", self.document, place)
        for at, entry in enumerate(self.entries):
            self.before = self.entries[:at]
            self.check(KINDS[entry["kind"]][2], self.decision, entry)
            also = {"box": (LISTED, self.receipts), "release": (SHAPED, self.tables)}.get(entry["kind"])
            if also:
                self.check(*also, entry)
        self.before = self.entries  # what takes the whole log to tell
        for study in sorted({entry["study"] for entry in self.entries if entry["kind"] == "release"}):
            self.check("The privacy budget adds up and is kept", self.ledger, study)
        for opened in [one for one in self.entries if one["kind"] == "manifest"]:
            self.check(QUORUM, self.witnesses, opened)
            self.check("The log names the pages of each open wave", self.served, opened)
        if self.folder is not None:
            self.check("Nothing is published beside what the log names", self.files, self.folder)
        return all(held is not False for _, held, _ in self.rows)

    def read(self, place: str) -> bytes:
        return self.fetch(place, {})[0]

    def fetch(self, place: str, headers: dict[str, str]) -> tuple[bytes, Doc]:  # decoded body; headers by name
        self.reading, most = place, SHORT if re.fullmatch("log/(key|checkpoint|heads/[0-9]+)", place) else LONG
        self.places.add(place)
        if self.folder:
            path = self.folder / place
            require(path.is_file(), f"{place} is missing")
            require(path.stat().st_size <= most, f"{place} is longer than the {most} bytes that it may have")
            return path.read_bytes(), {}
        pressed = b"" if re.match("/f/[^/]+/questions", place) else None  # questions of a form answer an empty POST
        asked = urllib.request.Request(f"{self.base}/{place.removeprefix('/')}", pressed, headers)
        came: list[Any] = [(0, f"no whole answer in {WHOLE} seconds", None)]
        (asking := Thread(target=answered, args=(asked, most, came), daemon=True)).start()
        asking.join(WHOLE)  # the limit of each step would let a host send a byte now and then for ever
        status, raw, lines = came[-1]
        require(status not in (404, 410), f"{place} is missing")
        require(not 0 < status < 400 or status == 200, f"{place} answers {status}: it leads elsewhere, or is not whole")
        if status != 200:
            raise OSError(f"{place} cannot be read: {f'HTTP Error {status}' if status else raw}")
        require(not (lines.defects or lines.get_payload()), f"{place} has a line among its headers that is none")
        encoding = lines.get("Content-Encoding")
        require(encoding in (None, "gzip"), f"{place} is sent in an encoding that was not asked for")
        if encoding:
            raw = (unzip := zlib.decompressobj(wbits=31)).decompress(raw, most + 1)
            require(unzip.eof and not unzip.unused_data, f"{place} is no whole gzip file, or has more after it")
        require(len(raw) <= most, f"{place} is longer than the {most} bytes that it may have")
        return raw, {name.lower(): ", ".join(one.strip(" \t") for one in lines.get_all(name)) for name in lines}

    def document(self, place: str) -> Doc:  # asked for once: who gives it cannot give another one later
        self.reading = place
        if place not in self.documents:
            raw = self.read(place)
            changed = digest(raw) != self.hashes.get(place, Path(place).stem)
            require(not changed, f"{place} is not the document that the log names")
            walk(place, place.partition("/")[0], document := parsed(raw))
            self.raw[place], self.documents[place] = raw, document
        return self.documents[place]

    def newest(self) -> str:
        self.vkey = self.read("log/key")
        require(self.key in {None, self.vkey.decode().strip()}, "log/key is not the key that you gave: another log")
        self.size, self.root = open_head(self.read("log/checkpoint"), self.vkey)
        require(self.size > 0, "the log is empty: it was wiped, or nothing was decided yet")
        return f"{self.vkey.decode().strip()}, {self.size} entries, root {self.root.hex()}"

    def log(self) -> None:
        *lines, last = self.read("log/entries.jsonl").split(b"\n")
        require(len(lines) >= self.size, f"the log shrank: its head counts {self.size} entries, {len(lines)} are there")
        require(len(lines) == self.size and not last, "log/entries.jsonl has more than its head counts: look again")
        leaves = [sha256(b"\x00" + line).digest() for line in lines]
        require(tree(leaves) == self.root, "log/entries.jsonl was edited, or its head is of a fork of the log")
        self.lines, self.leaves = lines, leaves

    def fits(self, name: str, note: bytes | None, number: int | None = None) -> None:
        self.reading = name
        require(self.leaves, f"no log is there that could continue {name}: it was wiped")
        size, root = open_head(self.read(name) if note is None else note, self.vkey)
        require(size <= self.size, f"the log shrank: {name} counts {size} entries, the log has {self.size}")
        fitting = number in {None, size} and root == tree(self.leaves[:size])
        require(fitting, f"the log forked: its first {size} entries are not those of {name}")

    def entry(self, number: int, line: bytes) -> None:
        self.reading = place = f"line {number} of log/entries.jsonl"
        entry = parsed(line)
        require(entry["kind"] in KINDS, f"{place} is of a kind that this program does not know: {entry['kind']}")
        own = KINDS[entry["kind"]][1]
        hashes = [entry[name] for name in f"hash {own}".split() if name in entry and name not in COUNTS]
        right = all(map(HASH.fullmatch, hashes)) and SLUG.fullmatch(entry["study"])
        require(right, f"{place} names no study, or no documents by their hashes")
        again = entry["kind"] not in ("frontend", "pages") and place_of(entry) in self.hashes
        beside = {"drill": f"drills/{entry.get('drill')}.json", "registration": f"registrations/{entry['hash']}.json"}
        self.hashes |= {beside[name]: entry[name] for name in beside if name in entry}
        self.hashes[place_of(entry)] = entry["hash"]
        self.entries.append(entry)
        more = " invited issued" * (entry["kind"] == "box")
        known(place, entry, f"format=sotto-log-entry-1 kind study wave day hash {own} |{more}")
        counts = [entry[name] for name in ("wave", *COUNTS) if name in entry]
        require(all(type(one) is int and one >= 0 for one in counts), f"{place} has a number that is no count")
        in_order(place, *(one["day"] for one in self.entries[-2:-1]), entry["day"])
        require(not again, f"{place} names what an earlier line names")

    def files(self, folder: Path) -> None:
        every = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        words = {f"texts/{name}.json" for one in self.documents.values() for name in (one.get("texts") or {}).values()}
        beside = {one: UNLOGGED.fullmatch(one) for one in every - self.places - words}  # workbooks, by their releases
        stray = [one for one, of in beside.items() if not of or (of[1] and f"{of[1]}.json" not in self.places)]
        require(not stray, f"no entry of the log names {', '.join(sorted(stray)[:5])}{', and more' * (len(stray) > 5)}")

    def earlier(self, kind: str, entry: Doc) -> dict[str, Doc]:  # by hash: those of its wave before the present one
        about = [kind, entry["study"], entry["wave"]]
        return {one["hash"]: one for one in self.before if [one["kind"], one["study"], one["wave"]] == about}

    def of_study(self, kind: str, study: str, entries: list[Doc]) -> dict[str, Doc]:
        those = [one for one in entries if (one["kind"], one["study"]) == (kind, study)]
        return {one["hash"]: self.document(place_of(one)) for one in those}

    def signed(self, place: str, purpose: str, entry: Doc, *without: str) -> Doc:  # twice, but for `without`
        document, unsigned = self.document(place), self.raw[place]
        for member in without:
            unsigned = unsigned.replace(compact({member: document[member]})[1:-1] + b",", b"", 1)
        signer = sha256(compact(document["signer"]))
        message = LABEL + purpose.encode() + b"\x00" + signer.digest() + unsigned
        pair = document["signer"], document["signature"]
        both = [[base64.urlsafe_b64decode(one[half] + "==") for one in pair] for half in HALVES]
        ed25519.Ed25519PublicKey.from_public_bytes(both[0][0]).verify(both[0][1], message)
        mldsa.MLDSA65PublicKey.from_public_bytes(both[1][0]).verify(both[1][1], message, LABEL)
        signers = {one["signer"] for one in self.of_study("manifest", entry["study"], self.entries).values()}
        right = signers == {signer.hexdigest()} or (purpose == "plan" and not signers)  # which may come before a wave
        require(right, f"{place} is not signed by the key that the study's manifests name")
        in_order(place, document.get("day", entry["day"]), entry["day"])
        return same(place, document, study=entry["study"], wave=entry["wave"])

    def decision(self, entry: Doc) -> Any:  # what holds of entries of every kind, then what holds of its own
        kind, place, opened = entry["kind"], place_of(entry), dict[str, Any]()
        document = self.document(place)
        if kind not in ("manifest", "plan"):
            waves = self.earlier("manifest", entry)
            require(waves, f"{place} has no open wave: no manifest came before it")
            opened = self.document(f"manifests/{(name := next(iter(waves)))}.json")
            same(place, document, **({"manifest": name} if "manifest" in document else {}))
        if "signature" in document:
            require(not self.earlier("destruction", entry), f"{place} came after its wave's key was destroyed")
            self.signed(place, kind, entry, "signature")
        elif kind != "frontend":
            same(place, document, study=entry["study"], wave=entry["wave"])
        return None if kind == "frontend" else getattr(self, kind)(entry, place, document, opened)

    def manifest(self, entry: Doc, place: str, opened: Doc, _: Doc) -> str:
        waves = [*self.of_study("manifest", entry["study"], self.before).values(), opened]
        require(entry["wave"] == len(waves), f"{place} is of wave {entry['wave']}, and the next is {len(waves)}")
        asked = self.document(f"questionnaires/{opened['questionnaire']}.json")
        same(place, asked, study=entry["study"], mode=opened["mode"], sealing=opened["sealing"])
        same(place, opened, budget=waves[0]["budget"], mode=waves[0]["mode"], **derived(asked))
        same(place, opened, key_id=digest(b"sotto key\x00" + base64.urlsafe_b64decode(opened["key"] + "=="))[:16])
        require(bool(opened["issuer_key"]) == (opened["mode"] != "open"), f"{place} has not its mode's issuer_key")
        new, kept = self.version(entry)["since"] == len(waves) > 1, self.worded(entry["study"], 0)[0]
        same(place, opened, texts=(not new and kept) or opened["texts"])
        said = {locale: (one["locale"], one["study"]) for locale, one in self.texts(opened["texts"]).items()}
        right = said == {locale: (locale, entry["study"]) for locale in asked["locales"]}
        require(right, f"{place} has texts of another study, or not in each of its languages")
        drill = f"drills/{entry['drill']}.json"
        tried = same(drill, self.signed(drill, "drill", entry, "signature", "signer"), manifest=entry["hash"])
        cards, needed = tried["custodians"], tried["threshold"]
        safe = needed <= cards < min(2 * needed, 256) and (needed > 1 or opened["demo"])
        every = safe and (tried["subsets"], len({*tried["commitments"]})) == (math.comb(cards, needed), cards)
        require(every, f"{drill} did not try every quorum, or a quorum is no majority")
        return f"wave {entry['wave']}: {needed} of {cards} cards{', a demo' * opened['demo']}{', a new version' * new}"

    def version(self, entry: Doc) -> Doc:  # of the questionnaire that the entry's wave asked
        every = [one["questionnaire"] for one in self.of_study("manifest", entry["study"], self.entries).values()]
        return {"number": len({*(asked := every[: entry["wave"]])}), "since": 1 + asked.index(asked[-1])}

    def pages(self, entry: Doc, place: str, document: Doc, _: Doc) -> None:
        due = {re.sub(r"^(/f/[^/?]+)(\?.*)?$", r"\1/questions\2", one) for one in (*document["pages"], *PATHS)}
        left_out = {path.format(entry["study"]) for path in due} - {*document["pages"]}
        require(not left_out, f"{place} leaves out {', '.join(sorted(left_out))}")
        named = document["frontend"] in self.earlier("frontend", entry)
        require(named, f"{place} names a front end that no entry before it names")

    def served(self, opened: Doc) -> None:
        if self.earlier("box", opened):
            last = opened["hash"] == [*self.of_study("manifest", opened["study"], self.entries)][-1]
            for path, headers in product(("/s/{0}", FORM), ({}, PHONE) if last and not self.copied else ()):
                self.check("No wave with a box asks any longer", self.page, path.format(opened["study"]), None, headers)
            return
        wave = ["pages", opened["study"], opened["wave"]]
        named = [place_of(one) for one in self.entries if [one["kind"], one["study"], one["wave"]] == wave]
        require(named, f"no entry of the log names the pages of {wave[1]}, wave {wave[2]}")
        document, ways = self.document(named[-1]), ({}, PHONE)
        if self.copied:
            return
        files, pages = self.document(f"frontends/{document['frontend']}.json")["files"], document["pages"]
        for path, headers in product(sorted({*pages, FORM.format(opened["study"])}), ways):
            self.check(SERVED, self.page, path, pages.get(path), headers)
        self.compared = True
        for name, headers in product(sorted({*files} | self.linked), ways):
            logged = {"sha256": files.get(name), "headers": pages["/blank"]["headers"]}
            self.check(SERVED, self.page, f"/static/{name}", logged, headers)

    def page(self, path: str, logged: Any, headers: dict[str, str]) -> None:
        try:
            body, sent = self.fetch(path, headers)
        except (Fault, OSError) as error:
            require(logged is None and str(error) == f"{path} is missing", str(error))
            return
        closed = path.startswith("/s/") and not ASKS.search(body)  # of a wave that has a box
        require(logged or closed, f"{path} is a page that the log does not name: an interview in no open wave")
        self.linked |= {name.decode() for name in re.findall(rb"/static/([\w.-]{1,200})", body)}
        due, own = (logged or {}).get("headers", sent), {"onion-location"} if ONION.fullmatch(self.base) else set[str]()
        own |= OF_FILES if path.startswith("/static/") else set()  # whose other headers are those of the empty page
        differing = [name for name in sorted({*sent, *due} - OF_NO_PAGE - own) if sent.get(name) != due.get(name)]
        wrong = [f"its header {name} is {sent.get(name)!r}, in the log {due.get(name)!r}" for name in differing]
        wrong += ["it is another than the log names"] * (logged is not None and digest(body) != logged["sha256"])
        require(not wrong, f"{path}, asked for {'as by a phone' if headers else 'bare'}: {'; '.join(wrong)}")

    def witnesses(self, opened: Doc) -> None:
        place, at = place_of(opened), self.entries.index(opened) + 1
        kinds = [(one["kind"], one["study"]) for one in self.entries]
        rule, later = self.document(place)["witnesses"], ("manifest", opened["study"]) in kinds[at:]
        if rule is None:
            self.rows += [(QUORUM, None, f"{place} names no witnesses: nobody stands in for the host")] * (not later)
            return
        keys, quorum, since = rule["keys"], rule["quorum"], int(time.time()) - OLDEST
        require(len(keys) < 2 * quorum, f"{place} asks for a quorum of witnesses that is no majority")
        since = 0 if later or self.earlier("box", opened) else since
        # Who witnesses the next wave was seen by those of this one: they cosigned a head that holds its manifest.
        first = kinds.index(("manifest", opened["study"]), at) + 1 if later else self.size
        met = any(len(self.cosigners(keys, size, since)) >= quorum for size in range(first, self.size + 1))
        require(met, f"{place} asks for {quorum} witnesses, and fewer signed {'any' if later else 'the newest'} head")

    def cosigners(self, keys: list[str], size: int, since: int) -> set[bytes]:
        signed = set[bytes]()
        try:
            lines = self.read(f"log/cosignatures/{size}").decode().split("\n")
        except Fault:
            return signed
        head = self.vkey.decode().partition("+")[0], size, tree(self.leaves[:size])
        for name, key_id, public in (key_of(key, 4, 6) for key in keys):
            for made in signatures(lines, name, key_id):
                require_cosignature(name, public, made, head)
                signed |= {public} if since <= int.from_bytes(made[:8]) <= time.time() else set()
        return signed

    def custody(self, entry: Doc, place: str, split: Doc, opened: Doc) -> str:
        key, before = base64.urlsafe_b64decode(opened["key"] + "=="), [*self.earlier("custody", entry)]
        same(place, split, fingerprint=digest(key), custodians=len({*split["commitments"]}))
        needed, cards = split["threshold"], ("threshold", "commitments")
        safe = needed <= split["custodians"] < 2 * needed and (needed >= 2 or opened["demo"])
        drill, *_ = (self.document(f"drills/{one['drill']}.json") for one in self.earlier("manifest", entry).values())
        follows = split["supersedes"] == before[-1] if before else all(split[name] == drill[name] for name in cards)
        require(safe and follows, f"{place} does not follow the split before it, or a quorum is no majority")
        return f"wave {entry['wave']}: {split['threshold']} of {split['custodians']} cards"

    def worded(self, study: str, wave: int) -> tuple[dict[str, str], list[Doc]]:
        """Return the hashes of a study's newest texts, and the entries of what was corrected before a wave's box."""
        texts, served, boxed = dict[str, str](), list[Doc](), False
        for one in (one for one in self.before if one["study"] == study):
            if one["kind"] in ("manifest", "correction"):
                texts = self.document(place_of(one))["texts"]
            boxed = boxed or (one["kind"], one["wave"]) == ("box", wave)
            served += [one] * ((one["kind"], one["wave"], boxed) == ("correction", wave, False))
        return texts, served

    def texts(self, hashes: dict[str, str]) -> dict[str, Doc]:
        return {locale: self.document(f"texts/{name}.json") for locale, name in hashes.items()}

    def correction(self, entry: Doc, place: str, said: Doc, _: Doc) -> None:
        before = {one["kind"]: one["hash"] for one in self.before if one["study"] == entry["study"]}  # the newest
        same(place, said, manifest=before["manifest"], previous=before.get("correction"))
        given = replaced(place, self.texts(self.worded(entry["study"], entry["wave"])[0]), said["changes"])
        require(given == self.texts(said["texts"]), f"{place} gives other texts than the words that it changes")
        told = [f"wave {entry['wave']}, since {entry['day']}: {one['place']} in {one['locale']}: “{one['old']}” became "
                f"“{one['new']}”" for one in said["changes"]]  # fmt: skip
        self.rows += [(KINDS["correction"][2], True, line) for line in told]  # each by itself, or one could hide others

    def plan(self, entry: Doc, place: str, plan: Doc, _: Doc) -> str:
        beside = f"registrations/{entry['hash']}.json"
        registration = self.signed(beside, "plan", entry, "signature")
        same(beside, registration, plan=entry["hash"], parent=plan["parent"], nano_rho=plan["nano_rho"])
        plans = {*self.of_study("plan", entry["study"], self.before)}
        require(plan["parent"] in (plans or {None}), f"{place} names no plan before it as its parent")
        require({*registration["instead"]} <= plans, f"{place} withdraws a plan that was not there before it")
        return f"wave {entry['wave']}: {registration['day']}"

    def box(self, entry: Doc, place: str, box: Doc, opened: Doc) -> str:
        require(not self.earlier("box", entry), f"{place} is a second box of its wave")
        same(place, box, root=entry["root"], count=entry["count"], mode=opened["mode"], key_id=opened["key_id"])
        same(place, box, record_size=opened["plaintext_size"] + 1498)
        served = self.worded(entry["study"], entry["wave"])[1]
        same(place, box, corrections=[{"correction": one["hash"], "since": one["day"]} for one in served])
        ever, before = {*self.of_study("plan", entry["study"], self.entries)}, {*self.earlier("plan", entry)}
        require(before <= {*box["plans"]} <= ever, f"{place} does not name the plans that came before it")
        counts = [entry[name] for name in ("count", "issued", "invited") if name in entry]
        due = 3 if opened["mode"] == "invitation" else 1
        require(counts == sorted(counts), f"{place}: {' <= '.join(map(str, counts))} is not so")
        require(len(counts) == due, f"{place}: by {opened['mode']} the log has {due} counts, not {len(counts)}")
        return f"wave {entry['wave']}: {' <= '.join(map(str, counts))}"

    def receipts(self, entry: Doc) -> str:
        own, every = {"format": "sotto-receipts-1", "study": entry["study"], "wave": entry["wave"]}, 0
        for number in range(256):
            place, bucket = f"receipts/{entry['study']}/{entry['wave']}/{number:02x}.json", f"{number:02x}"
            held, path = map(parsed(raw := self.read(place)).get, ("receipts", "proof"))
            require(raw == compact({**own, "bucket": bucket, "receipts": held, "proof": path}), f"{place} was edited")
            node = sha256(b"\x00" + compact(held)).digest()
            for level, sibling in enumerate(map(bytes.fromhex, path)):
                node = sha256(b"\x01" + (sibling + node if number >> level & 1 else node + sibling)).digest()
            right = held == sorted({*held}) and {(len(one), one[:2]) for one in held} <= {(64, bucket)}
            require(right and len(path) == 8 and node.hex() == entry["receipts"], f"{place} is not the log's list")
            every += len(held)
        require(every == entry["count"], f"there are {every} receipts for the {entry['count']} answers of the box")
        return f"wave {entry['wave']}: {every}"

    def alive(self, entry: Doc, place: str, document: Doc) -> Doc:  # the entry of its wave's box, which it follows
        require(self.earlier("box", entry), f"{place} came before its wave's box")
        require(document["plan"] in self.earlier("plan", entry), f"{place} has no plan in the log")
        plans = self.of_study("plan", entry["study"], self.before)
        instead = [self.document(f"registrations/{name}.json")["instead"] for name in plans]
        require(not any(document["plan"] in each for each in instead), f"{place} is of a plan that was withdrawn")
        return next(iter(self.earlier("box", entry).values()))

    def intent(self, entry: Doc, place: str, intent: Doc, _: Doc) -> None:
        box = self.alive(entry, place, intent)
        same(place, intent, box=box["root"], count=box["count"])

    def release(self, entry: Doc, place: str, release: Doc, opened: Doc) -> str:
        made = self.alive(entry, place, release)
        plan, registration = (self.document(f"{kind}/{release['plan']}.json") for kind in ("plans", "registrations"))
        late = release["plan"] not in self.document(place_of(made))["plans"]
        link, budget = opened["mode"] == "open", release["budget"]
        same(place, release, box={"root": made["root"], "count": made["count"]}, registered=registration["day"])
        same(place, release, **{name: opened[name] for name in ("mode", "demo", "questionnaire")})
        served = [(one, self.document(place_of(one))) for one in self.worded(entry["study"], entry["wave"])[1]]
        named = [{"correction": one["hash"], "since": one["day"]} | {name: said[name] for name in ("reason", "changes")}
                 for one, said in served]  # fmt: skip
        same(f"{place}: corrections", {"named": release.get("corrections", [])}, named=named)
        same(f"{place}: version", {"number": 1, "since": 1} | release.get("version", {}), **self.version(entry))
        same(place, release, notes=["duplicates-possible"] * link + ["registered-late"] * late)
        same(place, release, unit="envelope" if link else "respondent", margins=plan.get("margins", ""))
        in_order(place, release["registered"], release["day"])
        words = plan.get("words") or []
        fits = sum(one["nano_rho"] for one in plan["tables"] + words) <= budget["cost"] == plan["nano_rho"]
        fits = fits and budget["atto_delta"]["cost"] == sum(one["atto_delta"] for one in words)
        planned, listed = ([one["id"] for one in d["tables"] + (d.get("words") or [])] for d in (plan, release))
        fits = fits and planned == listed and release["ledger"]["entry"] == entry["ledger"]
        require(fits, f"{place} is not what its plan asked for and paid")
        same(f"{place}: about", release.get("about") or entry, study=entry["study"])
        if (wave := release.get("fieldwork")) is not None:
            counted = {name: made.get(name, "") for name in ("study", "wave", "invited", "issued", "root")}
            wave_opened = next(iter(self.earlier("manifest", entry).values()))["day"]
            same(f"{place}: fieldwork", wave, answered=made["count"], opened=wave_opened, **counted)
            in_order(f"{place}: fieldwork", wave["opened"], wave["closed"], min(release["day"], made["day"]))
        announced = self.earlier("intent", entry).get(release["intent"])
        require(announced or (release["demo"] and release["intent"] is None), f"{place} was not announced before")
        if announced:
            intent, due = self.document(place_of(announced)), (release["plan"], release["ledger"]["previous"])
            require((intent["plan"], intent["head"]) == due, f"{place}: its intent is for another plan or head")
            in_order(f"{place}: its intent", announced["day"], release["day"])
        return f"wave {entry['wave']}: {len(release['tables'])} tables{', of a plan that came late' * late}"

    def tables(self, entry: Doc) -> None:
        release = self.document(place := place_of(entry))
        opened, plan = (self.document(f"{kind}s/{release[kind]}.json") for kind in ("manifest", "plan"))
        questions = Questions(self.document(f"questionnaires/{opened['questionnaire']}.json"), opened["thresholds"])
        tables, lists = release["tables"], release.get("words") or []
        for asked, table in zip(plan["tables"], tables, strict=True):
            self.table(f"{place}: table {table['id']}", asked, table, questions)
        for asked, listed in zip(plan.get("words") or [], lists, strict=True):
            self.phrases(f"{place}: list {listed['id']}", asked, listed, questions)
        least = min(one["sigma"] for one in tables + lists)
        require(release["budget"]["curve"]["least_sigma"] <= least, f"{place}: its epsilon is of stronger noise")
        served = self.worded(entry["study"], entry["wave"])[1]
        texts = self.texts(self.document(place_of(served[-1]))["texts"] if served else opened["texts"])
        same(place, release, title={locale: one["title"] for locale, one in texts.items()})
        labelled = {axis["id"] for table in tables for axis in table["dimensions"]} | {one["item"] for one in lists}
        for locale in {*release["labels"], *texts}:
            text, held = texts[locale], release["labels"][locale]
            wrong = [name for name in held if held[name] != questions.label(name, text, held[name]["levels"])]
            wrong += labelled - {*held}
            require(not wrong, f"{place}: labels in {locale} are not the study's: {', '.join(wrong)}")

    def table(self, place: str, asked: Doc, table: Doc, questions: Questions) -> None:
        same(place, table, **{name: asked[name] for name in ("population", *PLANNED.split())})
        pairs = [*zip(asked["dimensions"], table["dimensions"], strict=True)]
        axes, mosts = zip(*(questions.dimension(name, axis["codes"]) for name, axis in pairs), strict=True)
        require([*axes] == table["dimensions"], f"{place} has other levels than its plan and questionnaire imply")
        moved, most = moved_by(axes, math.prod(mosts)), math.prod(mosts)
        same(place, table, l2_squared=most, sensitivity_squared=moved)
        outside = asked["population"] is not None
        cells = outside + math.prod(len(one["codes"]) * len(one.get("rows", "1")) for one in axes)
        fits = {len(table[name]) for name in ("counts", "consistent", "variances")} == {cells}
        fits = fits and all(type(one) is int for one in table["counts"])
        require(fits, f"{place} has not the {cells} cells of its dimensions")
        weighted = (table.get("weighted") or {}).get("by") == asked.get("weight_by")
        require(weighted, f"{place} is weighted by other dimensions than were planned")
        require_noise(place, table["sigma"], moved, asked["nano_rho"])

    def phrases(self, place: str, asked: Doc, listed: Doc, questions: Questions) -> None:
        same(place, listed, **{name: asked[name] for name in (*PLANNED.split(), "item", "atto_delta")})
        same(place, listed, most=questions.items[asked["item"]]["count"])
        require_noise(place, listed["sigma"], 2 * listed["most"], asked["nano_rho"])
        require_threshold(place, listed)
        over = all(one["count"] >= listed["threshold"] for one in listed["phrases"])
        require(over, f"{place} lists a phrase under its threshold")

    def destruction(self, entry: Doc, place: str, said: Doc, _: Doc) -> None:
        require({*said["releases"]} == {*self.earlier("release", entry)}, f"{place} counts other results than the log")
        splits = [(name, self.document(f"custodies/{name}.json")) for name in self.earlier("custody", entry)][::-1]
        due = [[name, one["threshold"], one["custodians"]] for name, one in splits]  # the newest first
        stated = [[one["custody"], one["threshold"], one["custodians"]] for one in said["splits"]]
        older = [one["supersedes"] for _, one in splits[-1:] if one["supersedes"]]  # was replaced before the drill
        right = due and stated[: len(due)] == due and [one[0] for one in stated[len(due) :][:1]] == older
        require(right, f"{place} leaves out a split of the key that the log knows, or states one otherwise")
        for one in said["splits"]:
            left = {*range(1, min(one["custodians"], 255) + 1)} - {*one["confirmed"]}
            closed = len(left) < one["threshold"] <= one["custodians"] < 256
            require(closed, f"{place} leaves enough cards to open the wave")
        for name, one in self.of_study("release", entry["study"], self.entries).items():
            before = said["head"] in one["ledger"]["history"]
            wrong = before if name in said["releases"] else one["day"] > said["day"] and not before
            require(not wrong, f"{place} is on a head that the ledger had not on that day")

    def ledger(self, study: str) -> str:
        made = self.of_study("release", study, self.entries).values()
        releases = sorted(made, key=lambda one: int(one["ledger"]["sequence"]))
        opened = next(iter(self.of_study("manifest", study, self.entries).values()))["budget"]
        chain, spent, last = [*releases[-1]["ledger"]["history"], releases[-1]["ledger"]["entry"]], [0, 0], 0
        for one in releases:
            ledger, rho, delta = one["ledger"], one["budget"], one["budget"]["atto_delta"]
            at, place = ledger["sequence"], f"the release of ledger entry {ledger['sequence']}"
            total = {"total": rho["total"], "total_delta": delta["total"]}
            entry = {name: one[name] for name in ("study", "wave", "manifest", "plan")} | total
            entry |= {name: ledger[name] for name in ("sequence", "previous", "nonce")} | {"box": one["box"]["root"]}
            entry |= {"count": one["box"]["count"], "nano_rho": rho["cost"], "atto_delta": delta["cost"]}
            entry |= {"spent": rho["spent"], "spent_delta": delta["spent"], "format": "sotto-ledger-entry-1"}
            first = {"format": "sotto-ledger-2", "study": study, "signer": digest(compact(one["signer"]))} | total
            own = [digest(compact(entry)), digest(compact(first)), ledger["previous"], at]
            require(own == [ledger["entry"], chain[0], chain[at - 1], len(ledger["history"])], f"{place} is not one")
            require([*ledger["history"], ledger["entry"]] == chain[: at + 1], f"{place} is of a copied ledger")
            announced = {"total": opened["nano_rho"], "total_delta": opened["atto_delta"]}
            require(total == announced, f"{place} is paid from another budget than was announced")
            gaps = [paid["spent"] - paid["cost"] - before for paid, before in zip((rho, delta), spent, strict=True)]
            require(min(gaps) >= 0 and (not any(gaps) or at > last + 1), f"{place}: what was spent does not add up")
            require(all(0 <= one["spent"] <= one["total"] for one in (rho, delta)), f"{place} is over the budget")
            last, spent = at, [rho["spent"], delta["spent"]]
        require(len({one["plan"] for one in releases}) == len(releases), f"{study} has two results of one plan")
        numbers = f"{len(releases)} results published, {last - len(releases)} paid for and not"
        return f"{study}: rho {spent[0] / 1e9:g} of {rho['total'] / 1e9:g} spent; {numbers}"


def report(verifier: Verifier) -> None:
    for title in dict.fromkeys(title for title, _, _ in verifier.rows):
        rows = {result: held for other, held, result in verifier.rows if other == title}
        print(f"{'FAIL' if False in rows.values() else 'ok  '}  {title}")
        marked = [f"{'' if held else 'remark: ' if held is None else 'NOT SO: '}{line}" for line, held in rows.items()]
        print("".join(f"        {printable(line)}\n" for line in marked if line), end="")
    compared = () if verifier.compared else ("pages, headers and scripts as a phone gets them: no page was compared",)
    print("\nNot looked at:", *compared, *UNSEEN.splitlines(), sep="\n        ", end="\n\n")


def main() -> int:
    parser = argparse.ArgumentParser(description="Check what a Sotto host has published.")
    parser.add_argument("where", help="a copied published folder, or the host's address: https://HOST")
    parser.add_argument("--since", type=Path, help="a log/checkpoint that you kept from an earlier day")
    parser.add_argument("--key", help="the log's key as you noted it down: name+id+key")
    parser.add_argument("--mirror", action="store_true", help="the address has copied files and no pages to compare")
    given, stopped = parser.parse_args(), ""
    right = re.match("https?://", given.where) or Path(given.where).is_dir()
    if not right or (given.since and not given.since.is_file()):
        parser.error("give a folder, or an address with https://, and with --since a file")
    verifier = Verifier(given.where, given.key, given.since.read_bytes() if given.since else None, given.mirror)
    try:
        verifier.run()
    except OSError as error:  # of a file that could not be asked for: nothing is known of it
        stopped = printable(str(error))
    report(verifier)
    if any(held is False for _, held, _ in verifier.rows):
        print("NOT everything holds: ask whoever runs this host about it.")
        return 1
    print(f"Could not look: {stopped}" if stopped else "Everything that was looked at holds.")
    return 3 if stopped else 0


if __name__ == "__main__":
    raise SystemExit(main())
