"""Checks what a Sotto host has published, with nothing of Sotto: `python3 verify.py FOLDER-OR-ADDRESS`.

Needs Python 3.11 and `cryptography` 50. Sees what was edited, taken back, late or paid twice; cannot see inside a box.
"""

import argparse
import base64
import json
import urllib.request
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa

Doc = dict[str, Any]
LABEL, HALVES, BESIDE = b"sotto signature v1\x00", ("ed25519", "ml-dsa-65"), {"drill": "drill", "registration": "hash"}
KINDS = {  # of an entry: the folder of its document, and what is checked of it
    "manifest": ("manifests", "Each wave opened once, its key tested, under the study's signature"),
    "frontend": ("frontends", ""),
    "custody": ("custodies", "Each split of a key into cards is signed, and follows the split before it"),
    "plan": ("plans", "Each plan was signed by the study, on a day, and follows the plan before it"),
    "box": ("boxes", "A wave has one box, which names the plans before it; answers <= tokens <= invitations"),
    "intent": ("intents", "What would be opened was announced and signed before"),
    "release": ("results/{study}", "Each result is signed, and of its plan, its box and its wave"),
    "destruction": ("destructions", "A destroyed key released nothing more, and nothing that is not published"),
}


class Fault(Exception):
    """Something that does not hold, in words."""


def require(holds: object, words: str) -> None:
    if not holds:
        raise Fault(words)


def compact(value: object) -> bytes:  # canonical JSON, of values without fractions: every writer writes them alike
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def once(pairs: list[tuple[str, Any]]) -> Doc:
    require(len(dict(pairs)) == len(pairs), "a name stands twice in a document")
    return dict(pairs)


def tree(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:  # RFC 9162 section 2.1.1
        return leaves[0] if leaves else sha256().digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + tree(leaves[:split]) + tree(leaves[split:])).digest()


def open_head(note: bytes, vkey: bytes) -> tuple[int, bytes]:
    """Return size and root of a checkpoint that the key `vkey` signed (C2SP tlog-checkpoint, signed-note)."""
    name, key_id, key = vkey.decode().removesuffix("\n").split("+", 2)
    public = base64.b64decode(key, validate=True)
    require(key_id == sha256(f"{name}\n".encode() + public).hexdigest()[:8] and public[0] == 1, "log/key is damaged")
    body, _, signatures = note.decode().rpartition("\n\n")
    (origin, size, root), line = body.split("\n")[:3], signatures.split("\n")[0]  # those of witnesses may follow
    data = base64.b64decode(line.removeprefix(f"— {name} "), validate=True)
    ours = (origin, line, data[:4].hex()) == (name, f"— {name} {base64.b64encode(data).decode()}", key_id)
    require(ours, "a head is damaged, or of another log")
    ed25519.Ed25519PublicKey.from_public_bytes(public[1:]).verify(data[4:], f"{body}\n".encode())
    return int(size), base64.b64decode(root, validate=True)


def place_of(entry: Doc) -> str:
    return f"{KINDS[entry['kind']][0].format(**entry)}/{entry['hash']}.json"


def same(place: str, said: Doc, **expected: object) -> Doc:
    wrong = [name for name, value in expected.items() if said.get(name, "") != value]
    require(not wrong, f"{place} is of another {', '.join(wrong)}")
    return said


class Verifier:
    """The checks over one site; `rows` holds for each its words, True, False or None (a remark), and what it saw."""

    def __init__(self, where: str, key: str | None = None, since: bytes | None = None) -> None:
        self.base = where.rstrip("/") if "://" in where else Path(where).resolve().as_uri()
        self.key, self.since, self.reading = key, since, ""
        self.rows, self.entries, self.hashes = list[tuple[str, bool | None, str]](), list[Doc](), dict[str, str]()

    def check(self, words: str, method: Any, *arguments: Any) -> bool:  # whatever breaks is a fault
        try:
            found, held = method(*arguments), True
        except (Fault, InvalidSignature, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            broken = "has a false signature" if isinstance(error, InvalidSignature) else "is not written as it must be"
            found, held = str(error) if isinstance(error, Fault) else f"{self.reading} {broken}", False
        self.rows.append((words, held, found if isinstance(found, str) else ""))
        return held

    def run(self) -> bool:
        if self.check("The log's newest head is signed by the log's key", self.newest):
            self.check("The log holds exactly the entries that its head signed", self.log)
        for number in range(1, len(self.entries) + 1):
            self.check("The log only ever grew: every older head fits", self.fits, f"log/heads/{number}", None, number)
        if self.entries and self.since is not None:
            self.check("The log continues the head that you kept", self.fits, "the head that you kept", self.since)
        for place in self.hashes:
            self.check("Every document that the log names is there, unchanged", self.document, place)
        for at, entry in enumerate(self.entries):
            if entry["kind"] != "frontend":  # of which nothing is to be checked but that it is there
                self.check(KINDS[entry["kind"]][1], getattr(self, entry["kind"]), at, entry, place_of(entry))
            if entry["kind"] == "box":
                self.check("The lists of receipts hold each answer of the box once", self.receipts, entry)
        for study in sorted({entry["study"] for entry in self.entries if entry["kind"] == "release"}):
            self.check("The privacy budget adds up and is kept", self.ledger, study)
        return all(held is not False for _, held, _ in self.rows)

    def read(self, place: str) -> bytes:
        self.reading = place
        try:
            with urllib.request.urlopen(f"{self.base}/{place}", timeout=60) as answer:
                return bytes(answer.read())
        except OSError:
            raise Fault(f"{place} is missing or cannot be read") from None

    def document(self, place: str) -> Any:
        raw = self.read(place)
        require(self.hashes.get(place) == sha256(raw).hexdigest(), f"{place} is not the document that the log names")
        return json.loads(raw, object_pairs_hook=once)

    def newest(self) -> str:
        self.vkey = self.read("log/key")
        require(self.key in {None, self.vkey.decode().strip()}, "log/key is not the key that you gave: another log")
        self.size, self.root = open_head(self.read("log/checkpoint"), self.vkey)
        return f"{self.vkey.decode().strip()}, {self.size} entries, root {self.root.hex()}"

    def log(self) -> None:
        *lines, last = self.read("log/entries.jsonl").split(b"\n")
        require(len(lines) >= self.size, f"the log shrank: its head counts {self.size} entries, {len(lines)} are there")
        require(len(lines) == self.size and not last, "log/entries.jsonl has more than its head counts: look again")
        self.leaves = [sha256(b"\x00" + line).digest() for line in lines]
        require(tree(self.leaves) == self.root, "log/entries.jsonl was edited, or its head is of a fork of the log")
        self.entries = entries = [json.loads(line, object_pairs_hook=once) for line in lines]
        self.hashes = {place_of(entry): entry["hash"] for entry in entries}
        self.hashes |= {f"{of}s/{e[by]}.json": e[of] for of, by in BESIDE.items() for e in entries if of in e}

    def fits(self, name: str, note: bytes | None, number: int | None = None) -> None:
        self.reading = name
        size, root = open_head(self.read(name) if note is None else note, self.vkey)
        require(size <= self.size, f"the log shrank: {name} counts {size} entries, the log has {self.size}")
        known = number in {None, size} and root == tree(self.leaves[:size])
        require(known, f"the log forked: its first {size} entries are not those of {name}")

    def earlier(self, at: int, kind: str, entry: Doc) -> dict[str, Doc]:  # by hash: before `at`, of its wave
        about = [kind, entry["study"], entry["wave"]]
        return {one["hash"]: one for one in self.entries[:at] if [one["kind"], one["study"], one["wave"]] == about}

    def of_study(self, at: int | None, kind: str, study: str) -> dict[str, Doc]:
        found = [one for one in self.entries[:at] if (one["kind"], one["study"]) == (kind, study)]
        return {one["hash"]: self.document(place_of(one)) for one in found}

    def signed(self, place: str, purpose: str, entry: Doc, *without: str) -> Doc:  # twice, but for `without`
        said, unsigned = self.document(place), self.read(place)
        for member in without:
            before, after = unsigned.split(compact({member: said[member]})[1:-1] + b",")  # it stands there once
            unsigned = before + after
        fingerprint = sha256(compact(said["signer"])).digest()
        message = LABEL + purpose.encode() + b"\x00" + fingerprint + unsigned
        both = [[base64.urlsafe_b64decode(said[of][half] + "==") for of in ("signer", "signature")] for half in HALVES]
        ed25519.Ed25519PublicKey.from_public_bytes(both[0][0]).verify(both[0][1], message)
        mldsa.MLDSA65PublicKey.from_public_bytes(both[1][0]).verify(both[1][1], message, LABEL)
        signers = {one["signer"] for one in self.of_study(None, "manifest", entry["study"]).values()}
        require(signers <= {fingerprint.hex()}, f"{place} is not signed by the key that the study's manifests name")
        return same(place, said, study=entry["study"], wave=entry["wave"])

    def manifest(self, at: int, entry: Doc, place: str) -> str:
        require(not self.earlier(at, "manifest", entry), f"{place}: its wave was opened before, with another manifest")
        opened = same(place, self.document(place), study=entry["study"], wave=entry["wave"])
        drill = f"drills/{entry['drill']}.json"
        said = same(drill, self.signed(drill, "drill", entry, "signature", "signer"), manifest=entry["hash"])
        return f"wave {entry['wave']}: {said['threshold']} of {said['custodians']} cards{', a demo' * opened['demo']}"

    def custody(self, at: int, entry: Doc, place: str) -> str:
        said, known = self.signed(place, "custody", entry, "signature"), [*self.earlier(at, "custody", entry)]
        drills = [f"drills/{one['drill']}.json" for one in self.earlier(at, "manifest", entry).values()]
        drilled = said["commitments"] in [self.document(drill)["commitments"] for drill in drills]
        require(said["supersedes"] == known[-1] if known else drilled, f"{place} does not follow the split before it")
        return f"wave {entry['wave']}: {said['threshold']} of {said['custodians']} cards"

    def plan(self, at: int, entry: Doc, place: str) -> str:
        beside = f"registrations/{entry['hash']}.json"
        said = same(beside, self.signed(beside, "plan", entry, "signature"), plan=entry["hash"])
        same(place, self.document(place), parent=said["parent"], nano_rho=said["nano_rho"])
        known = self.of_study(at, "plan", entry["study"])
        require(said["parent"] in (known or {None}), f"{place} names no plan before it as its parent")
        require({*said["instead"]} <= {*known}, f"{place} withdraws a plan that was not there before it")
        require(said["day"] <= entry["day"], f"{beside} is of a later day than its entry in the log")
        return f"wave {entry['wave']}: {said['day']}"

    def box(self, at: int, entry: Doc, place: str) -> str:
        require(not self.earlier(at, "box", entry), f"{place} is a second box of its wave")
        said = same(place, self.document(place), **{name: entry[name] for name in ("study", "wave", "root", "count")})
        require(said["manifest"] in self.earlier(at, "manifest", entry), f"{place} has no open wave")
        before, ever = ({*self.earlier(end, "plan", entry)} for end in (at, len(self.entries)))
        require(before <= {*said["plans"]} <= ever, f"{place} does not name the plans that came before it")
        counts = [entry[name] for name in ("count", "issued", "invited") if name in entry]
        require(counts == sorted(counts), f"{place}: {' <= '.join(map(str, counts))} is not so")
        return f"wave {entry['wave']}: {' <= '.join(map(str, counts))}"

    def receipts(self, entry: Doc) -> str:
        own, every = {"format": "sotto-receipts-1", "study": entry["study"], "wave": entry["wave"]}, 0
        for number in range(256):
            place, bucket = f"receipts/{entry['study']}/{entry['wave']}/{number:02x}.json", f"{number:02x}"
            raw = self.read(place)
            held, path = (json.loads(raw, object_pairs_hook=once)[name] for name in ("receipts", "proof"))
            require(raw == compact({**own, "bucket": bucket, "receipts": held, "proof": path}), f"{place} was edited")
            node = sha256(b"\x00" + compact(held)).digest()
            for level, sibling in enumerate(map(bytes.fromhex, path)):
                node = sha256(b"\x01" + (sibling + node if number >> level & 1 else node + sibling)).digest()
            right = held == sorted({*held}) and {(len(one), one[:2]) for one in held} <= {(64, bucket)}
            require(right and len(path) == 8 and node.hex() == entry["receipts"], f"{place} is not the log's list")
            every += len(held)
        require(every == entry["count"], f"there are {every} receipts for the {entry['count']} answers of the box")
        return f"wave {entry['wave']}: {every}"

    def alive(self, at: int, entry: Doc, place: str) -> tuple[Doc, Doc]:  # its box's entry, and what it says
        require(not self.earlier(at, "destruction", entry), f"{place} came after its wave's key was destroyed")
        require(self.earlier(at, "box", entry), f"{place} came before its wave's box")
        said = self.signed(place, entry["kind"], entry, "signature")
        require(said["plan"] in self.earlier(at, "plan", entry), f"{place} has no plan in the log")
        gone = [self.document(f"registrations/{n}.json")["instead"] for n in self.of_study(at, "plan", entry["study"])]
        require(not any(said["plan"] in each for each in gone), f"{place} is of a plan that was withdrawn")
        return next(iter(self.earlier(at, "box", entry).values())), said

    def intent(self, at: int, entry: Doc, place: str) -> None:
        box, said = self.alive(at, entry, place)
        same(place, said, box=box["root"], count=box["count"])

    def release(self, at: int, entry: Doc, place: str) -> str:
        made, said = self.alive(at, entry, place)
        box, ledger = self.document(place_of(made)), said["ledger"]
        plan, day = (self.document(f"{kind}/{said['plan']}.json") for kind in ("plans", "registrations"))
        same(place, said, box={n: box[n] for n in ("root", "count")}, manifest=box["manifest"], registered=day["day"])
        asked, told = ([(t["id"], t["nano_rho"]) for t in d["tables"] + (d.get("words") or [])] for d in (plan, said))
        fits = asked == told and sum(price for _, price in told) <= said["budget"]["cost"] == plan["nano_rho"]
        require(fits and ledger["entry"] == entry["ledger"], f"{place} is not what its plan asked for and paid")
        late = said["plan"] not in box["plans"]
        require(late == ("registered-late" in said["notes"]), f"{place} is not right on whether its plan came late")
        intents = [self.document(place_of(one)) for one in self.earlier(at, "intent", entry).values()]
        if ledger["previous"] not in [one["head"] for one in intents if one["plan"] == said["plan"]]:
            self.rows.append((KINDS["intent"][1], None, f"{place} was not announced before"))
        return f"wave {entry['wave']}: {len(told)} tables{', of a plan that came late' if late else ''}"

    def destruction(self, at: int, entry: Doc, place: str) -> None:
        said = self.signed(place, "destruction", entry, "signature")
        told = {*said["releases"]} == {*self.earlier(at, "release", entry)}
        require(told, f"{place} counts other results than the log: one was never published")
        left = [(split["custodians"] - len({*split["confirmed"]}), split["threshold"]) for split in said["splits"]]
        require(left and all(cards < needed for cards, needed in left), f"{place} leaves enough cards to open the wave")

    def ledger(self, study: str) -> str:
        found = self.of_study(None, "release", study).values()
        releases = sorted(found, key=lambda one: int(one["ledger"]["sequence"]))
        chain, spent, last = [*releases[-1]["ledger"]["history"], releases[-1]["ledger"]["entry"]], [0, 0], 0
        for one in releases:
            ledger, rho, delta = one["ledger"], one["budget"], one["budget"]["atto_delta"]
            at, place = ledger["sequence"], f"the release of ledger entry {ledger['sequence']}"
            total = {"total": rho["total"], "total_delta": delta["total"]}
            entry = {name: one[name] for name in ("study", "wave", "manifest", "plan")} | total
            entry |= {name: ledger[name] for name in ("sequence", "previous", "nonce")} | {"box": one["box"]["root"]}
            entry |= {"count": one["box"]["count"], "nano_rho": rho["cost"], "atto_delta": delta["cost"]}
            entry |= {"spent": rho["spent"], "spent_delta": delta["spent"], "format": "sotto-ledger-entry-1"}
            first = {"format": "sotto-ledger-2", "study": study, "signer": sha256(compact(one["signer"])).hexdigest()}
            own = [*(sha256(compact(each)).hexdigest() for each in (entry, first | total)), ledger["previous"], at]
            require(own == [ledger["entry"], chain[0], chain[at - 1], len(ledger["history"])], f"{place} is not one")
            require([*ledger["history"], ledger["entry"]] == chain[: at + 1], f"{place} is of a copied ledger")
            gaps = [paid["spent"] - paid["cost"] - before for paid, before in zip((rho, delta), spent, strict=True)]
            require(min(gaps) >= 0 and (not any(gaps) or at > last + 1), f"{place}: what was spent does not add up")
            require(all(0 <= one["spent"] <= one["total"] for one in (rho, delta)), f"{place} is over the budget")
            last, spent = at, [rho["spent"], delta["spent"]]
        numbers = f"{len(releases)} results published, {last - len(releases)} paid for and not"
        return f"{study}: rho {spent[0] / 1e9:g} of {rho['total'] / 1e9:g} spent; {numbers}"


def main() -> int:  # 0 where everything holds
    parser = argparse.ArgumentParser(description="Check what a Sotto host has published.")
    parser.add_argument("where", help="a copied published folder, or the host's address: https://HOST")
    parser.add_argument("--since", type=Path, help="a log/checkpoint that you kept from an earlier day")
    parser.add_argument("--key", help="the log's key as you noted it down: name+id+key")
    given = parser.parse_args()
    whole = (verifier := Verifier(given.where, given.key, given.since.read_bytes() if given.since else None)).run()
    for words in dict.fromkeys(words for words, _, _ in verifier.rows):
        rows = {seen: held for other, held, seen in verifier.rows if other == words}
        print(f"{'FAIL' if False in rows.values() else 'ok  '}  {words}")
        marked = [f"{'' if held else 'remark: ' if held is None else 'NOT SO: '}{seen}" for seen, held in rows.items()]
        print("".join(f"        {line}\n" for line in marked if line), end="")
    print("\nEverything holds." if whole else "\nNOT everything holds: ask whoever runs this host about it.")
    return 0 if whole else 1


if __name__ == "__main__":
    raise SystemExit(main())
