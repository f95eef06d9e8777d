"""Witnesses the public log of a Sotto host, with nothing of Sotto: `python3 witness.py cosign ADDRESS --key FILE`.

Needs Python 3.11 and `cryptography`. One file, no server: it reads the log's head and entries from an address or a
copied folder, refuses what does not continue the head that it signed last, compares the pages of an open wave with the
log, remembers the new head on disk, and then prints one line (C2SP tlog-cosignature) for whoever runs the host. Ends
with 0: cosigned, 1: refused, 2: it was called wrongly, 3: it could not look.
"""

import argparse
import base64
import json
import os
import re
import sys
import time
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from urllib.request import FileHandler, HTTPHandler, HTTPSHandler, ProxyHandler, UnknownHandler

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

Doc = dict[str, Any]
LOG, WITNESS = b"\x01", b"\x04"  # the types of keys: C2SP signed-note and tlog-cosignature, both Ed25519
PRIVATE, MEMORY = "PRIVATE+KEY+", "sotto-witness-memory-1"
SHORT, LONG, WHOLE = 1 << 14, 1 << 26, 300  # the most bytes of a key or head, of any other file; seconds of an answer
NAME = re.compile(r"[!-*,-~]{1,64}")
KEY = re.compile(r"(?P<name>[!-*,-~]+)\+(?P<id>[0-9a-f]{8})\+(?P<data>[A-Za-z0-9+/]+=*)")
TEXT = re.compile(r"(?P<origin>[!-*,-~]+)\n(?P<size>[1-9][0-9]{0,17})\n(?P<root>[A-Za-z0-9+/]{43}=)\n")
IGNORED = re.compile(
    "date|server|vary|connection|keep-alive|content-length|(content|transfer)-encoding|strict-transport-security"
)
PHONE = {
    "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/148.0.0.0 Mobile Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "Accept-Encoding": "gzip",
    "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8", "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}  # fmt: skip
PAGES = ["/s/{0}", "/w/{0}", "/c/{0}", "/k/{0}", "/k/{0}/sw.js", "/k/{0}/app.webmanifest", "/blank"]  # of every study
UNSEEN = "not looked at, which verify.py does: what entries name, a page's files, waves that have their box"
KEEP = "Sign nothing, keep both heads, and tell the other custodians"


class Refused(Exception): ...  # what does not hold, in words: nothing was signed. OSError: nothing is known


def require(holds: object, words: str) -> None:
    if not holds:
        raise Refused(words)


def shown(text: str) -> str:  # as a terminal may get it: no controls, escape sequences or changes of direction
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in text[:800])


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes by which a signature names a key; `public` begins with its type."""
    return sha256(f"{name}\n".encode() + public).digest()[:4]


def key_text(name: str, public: bytes, written: bytes) -> str:
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(written).decode()}"


def opened_key(text: str) -> tuple[str, bytes]:
    """Return the name of a log's key and its bytes, which begin with its type; raise Refused for anything else."""
    match = KEY.fullmatch(text)
    data = base64.b64decode(match["data"]) if match and len(match["data"]) % 4 == 0 else b""
    right = match and len(data) == 33 and data[:1] == LOG and key_text(match["name"], data, data) == text
    if not match or not right:
        raise Refused("log/key is no log's key, or was damaged")
    return match["name"], data


class Key:  # the witness's private key, read from a file that only its owner can read
    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self.name, self.private = name, private
        self.public = WITNESS + private.public_key().public_bytes_raw()

    @classmethod
    def read(cls, path: Path) -> "Key":
        if os.name == "posix":
            require(not path.stat().st_mode & 0o077, f"{path} can be read by others: run chmod 600 on it")
        text = path.read_text(encoding="ascii").strip()
        match = KEY.fullmatch(text.removeprefix(PRIVATE))
        data = base64.b64decode(match["data"]) if match else b""
        require(match and text.startswith(PRIVATE) and len(data) == 33, f"{path} is no witness's key")
        key = cls(text.removeprefix(PRIVATE).split("+")[0], Ed25519PrivateKey.from_private_bytes(data[1:]))
        require(key.secret() == text, f"{path} was damaged: put it back from its copy")
        return key

    def secret(self) -> str:
        return PRIVATE + key_text(self.name, self.public, WITNESS + self.private.private_bytes_raw())

    def vkey(self) -> str:
        return key_text(self.name, self.public, self.public)

    def cosignature(self, text: str, seconds: int) -> str:
        """Return the line under a head's text (C2SP tlog-cosignature, "Ed25519 signed message")."""
        signature = self.private.sign(f"cosignature/v1\ntime {seconds}\n{text}".encode())
        data = key_id(self.name, self.public) + seconds.to_bytes(8, "big") + signature
        return f"— {self.name} {base64.b64encode(data).decode()}\n"


@dataclass(frozen=True)
class Head:  # that the log's key signed: the three lines of its text, its size, its root (32 bytes)
    text: str
    size: int
    root: bytes

    @classmethod
    def opened(cls, note: str, vkey: str) -> "Head":
        """Return the head in a note; raise Refused unless `vkey` signed it (C2SP tlog-checkpoint, signed-note)."""
        (name, public), (body, _, tail) = opened_key(vkey), note.partition("\n\n")
        match, start = TEXT.fullmatch(f"{body}\n"), f"— {name} "
        signatures = [base64.b64decode(line[len(start) :]) for line in tail.split("\n") if line.startswith(start)]
        own = [data[4:] for data in signatures if data[:4] == key_id(name, public)]
        if not match or match["origin"] != name or not own:
            raise Refused("the head is no head of this log: it was damaged, is empty, or is of another log")
        try:
            for signature in own:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature, match[0].encode())
        except InvalidSignature:
            raise Refused("the signature of the log's key under the head does not hold") from None
        return cls(match[0], int(match["size"]), base64.b64decode(match["root"]))


def tree(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:  # RFC 9162 section 2.1.1
        return leaves[0] if leaves else sha256().digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + tree(leaves[:split]) + tree(leaves[split:])).digest()


def answered(asked: urllib.request.Request, most: int, came: list[Any]) -> None:
    """Append status, body and headers of an answer, whose redirects are not followed; or 0, and why there is none."""
    opener = urllib.request.OpenerDirector()
    for handler in (ProxyHandler, UnknownHandler, FileHandler, HTTPHandler, HTTPSHandler):
        opener.add_handler(handler())
    try:
        with opener.open(asked, timeout=60) as answer:
            came.append((answer.status or 200, bytes(answer.read(most + 1)), answer.headers))
    except (OSError, ValueError, HTTPException) as error:
        came.append((0, error, None))


def fetched(address: str, headers: Doc, most: int = LONG) -> tuple[int, bytes, Doc]:
    """Return status, decoded body, and the headers that are compared, of a page; by POST, of a form's questions."""
    asked = urllib.request.Request(address, b"" if re.search("/f/[^/]+/questions([?]|$)", address) else None, headers)
    came, several = list[Any]([(0, f"no whole answer in {WHOLE} seconds", None)]), dict[str, list[str]]()
    asking = Thread(target=answered, args=(asked, most, came), daemon=True)
    asking.start()
    asking.join(WHOLE)  # the limit of each step would let a host send a byte now and then for ever
    status, raw, lines = came[-1]
    gone = isinstance(getattr(raw, "reason", 0), FileNotFoundError | NotADirectoryError)
    require(not gone, f"{address} is missing")
    if not status:
        raise OSError(f"{address} cannot be read: {raw}")
    hidden = lines.defects or lines.get_payload()
    require(not hidden, f"{address} has a line among its headers that is none: browsers may read others after it")
    for name, value in lines.items():
        several.setdefault(name.lower(), []).append(value.strip(" \t"))
    packed = several.get("content-encoding", [])
    require(packed in ([], ["gzip"]), f"{address} comes in an encoding that was not asked for")
    if packed and status == 200:
        raw = (unzip := zlib.decompressobj(31)).decompress(raw, most + 1)
        require(unzip.eof and not unzip.unused_data, f"{address} is no whole gzip file, or has more after it")
    require(len(raw) <= most, f"{address} is longer than the {most} bytes that it may have")
    return status, raw, {name: ", ".join(those) for name, those in several.items() if not IGNORED.fullmatch(name)}


@dataclass(frozen=True)
class Source:  # a copied published folder, a host's address, or a mirror's, which has the files and no pages
    where: str
    mirror: bool = False

    def read(self, place: str, most: int) -> bytes:
        """Return a published file; raise Refused where it is not there or too long, OSError where it cannot be had."""
        base = self.where.rstrip("/") if "://" in self.where else Path(self.where).resolve().as_uri()
        status, raw, _ = fetched(f"{base}/{place}", {}, most)
        require(status not in {404, 410}, f"{place} is missing")
        if status >= 400:
            raise OSError(f"{place} cannot be read: HTTP Error {status}")
        require(status == 200, f"{place} answers {status}: it leads elsewhere, or is not whole")
        return raw

    def text(self, place: str) -> str:  # what is no text is no key and no head either
        return self.read(place, SHORT).decode(errors="replace")


@dataclass(frozen=True)
class Memory:  # what was signed last: the log's key, the head's note, and when, in seconds since 1970
    log: str
    note: str
    seconds: int

    @classmethod
    def read(cls, path: Path) -> "Memory | None":
        """Return what a file remembers, None where there is no file; raise Refused for a damaged one."""
        try:
            said = json.loads(path.read_bytes())
            held = cls(said["log"], said["note"], said["seconds"])
            require(said["format"] == MEMORY and type(held.seconds) is int, "")
            Head.opened(held.note, held.log)
        except FileNotFoundError:
            return None
        except (Refused, ValueError, LookupError, TypeError, AttributeError):
            raise Refused(f"{path} was damaged: put it back from its copy. Do not start anew with --first") from None
        return held

    def write(self, path: Path) -> None:
        durably(path, json.dumps({"format": MEMORY, **vars(self)}, ensure_ascii=False).encode(), replaces=True)


def durably(path: Path, content: bytes, *, replaces: bool) -> None:
    """Write a file whole, on disk, for its owner alone, or not at all; without `replaces` only where there is none."""
    new = path.with_name(f".{path.name}.new") if replaces else path
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if replaces else os.O_EXCL), 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if replaces:
        new.replace(path)
    if os.name == "posix":  # elsewhere folders cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one run at a time read and change a memory: two could sign two heads that do not fit."""
    lock = path.with_name(f"{path.name}.lock")
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise Refused(f"another run is under way, or one broke off: if none is, delete {lock}") from None
    try:
        yield
    finally:
        lock.unlink()


def require_known(before: Memory | None, vkey: str, given: str | None, *, first: bool) -> None:
    """Require that this is the log that was signed before, or that a first time was asked for."""
    require(given is None or given == vkey, f"the log's key is not the one that you gave, but {vkey}: another log")
    if before is None:
        require(first, "no head is remembered. Put the memory back from its copy; only the very first time use --first")
        return
    require(not first, "a head is remembered already: --first is only for the very first time")
    require(before.log == vkey, f"the log's key is another than the one that was signed before, {before.log}. {KEEP}")


def require_continued(before: Memory, head: Head, lines: list[bytes]) -> int:
    """Require that the log holds, first and unchanged, all that it held when it was signed last; return how much."""
    old, leaves = Head.opened(before.note, before.log), [sha256(b"\x00" + line).digest() for line in lines]
    shrank = f"the log shrank: the head that was signed last counts {old.size} entries, this one {head.size}. {KEEP}"
    require(head.size >= old.size, shrank)
    forked = f"the log forked: its first {old.size} entries are not those that were signed last. {KEEP}"
    require(tree(leaves[: old.size]) == old.root, forked)
    return old.size


def entries_of(source: Source, head: Head) -> list[bytes]:
    """Return the lines of the log; raise Refused unless they are exactly those that the head signed."""
    *lines, last = source.read("log/entries.jsonl", LONG).split(b"\n")
    require(len(lines) >= head.size, f"the log shrank: its head counts {head.size} entries, {len(lines)} are there")
    require(len(lines) == head.size and not last, "the log has more than its head counts: try again in a minute")
    leaves = [sha256(b"\x00" + line).digest() for line in lines]
    require(tree(leaves) == head.root, "the entries are not those that the head signed: they were edited, or a fork")
    return lines


def compare_page(source: Source, path: str, page: Doc) -> None:
    """Require that a page is the log's, asked for as a phone does and without."""
    due = dict(page["headers"])
    if (urlsplit(source.where).hostname or "").endswith(".onion"):
        due.pop("onion-location", None)
    for headers in (PHONE, {}):
        status, body, sent = fetched(f"{source.where.rstrip('/')}{path}", headers)
        require(status == 200, f"the page {path} answers {status}; if this is a mirror of the files, use --mirror")
        other = sorted(name for name in {*sent, *due} if sent.get(name) != due.get(name))
        require(sha256(body).hexdigest() == page["sha256"], f"the page {path} is not the one that the log names")
        require(not other, f"the page {path} has other headers than the log names: {', '.join(other)}")


def compare_pages(source: Source, entries: list[Doc]) -> str:
    """Require that the pages of each open wave are those that the log names; return what was compared, in words."""
    opened = {(one["study"], one["wave"]) for one in entries if one["kind"] == "manifest"}
    opened -= {(one["study"], one["wave"]) for one in entries if one["kind"] == "box"}
    newest = {(one["study"], one["wave"]): one["hash"] for one in entries if one["kind"] == "pages"}
    if not opened or source.mirror or "://" not in source.where:
        return f"no page was compared: {'a copy of the files has none' if opened else 'no wave is open'}"
    every = 0
    for study, wave in sorted(opened):
        require((study, wave) in newest, f"the log names no pages of {study}, wave {wave}, which is open")
        raw = source.read(f"pages/{newest[study, wave]}.json", LONG)
        require(sha256(raw).hexdigest() == newest[study, wave], "a document of pages is not the one that the log names")
        pages: dict[str, Doc] = json.loads(raw)["pages"]
        forms = {re.sub(r"^(/f/[^/?]+)(\?.*)?$", r"\1/questions\2", one) for one in pages}
        lacking = sorted({*forms, *(one.format(study) for one in PAGES)} - {*pages})
        require(not lacking, f"the log leaves out pages: {', '.join(lacking)}")
        require(all(path[:1] == "/" for path in pages), "the log names a page by something else than its path")
        for path, page in sorted(pages.items()):
            compare_page(source, path, page)
        every += len(pages)
    return f"{every} pages are as the log says"


def described(said: Doc) -> str:  # what an entry says was decided, for the person who runs this
    day, about, name = said.get("day"), f"{said.get('study')}, wave {said.get('wave')}", str(said.get("hash"))
    return shown(f"{day}  {about}: {said.get('kind')} {name[:16]}")


def cosign(source: Source, key: Key, memory: Path, given: str | None, *, first: bool) -> tuple[str, list[str]]:
    """Check a log and remember its head; return the cosignature, and what was decided since the last one."""
    with alone(memory):
        before, vkey = Memory.read(memory), source.text("log/key").removesuffix("\n")
        opened_key(vkey)
        require_known(before, vkey, given, first=first)
        note = source.text("log/checkpoint")
        head, seconds = Head.opened(note, vkey), int(time.time())
        lines = entries_of(source, head)
        old = 0 if before is None else require_continued(before, head, lines)
        back = before is not None and seconds < before.seconds
        require(not back, "this computer's clock is behind the last cosignature: set it right")
        entries: list[Doc] = [json.loads(line) for line in lines]
        compared = compare_pages(source, entries)
        line = key.cosignature(head.text, seconds)
        Memory(vkey, note, seconds).write(memory)  # first on disk, then out of hand
    seen = f"head: {head.size} entries, root {head.root.hex()}"
    words = [f"log: {vkey}", seen, compared, UNSEEN, *map(described, entries[old:])]
    return line, words + ["The first time: compare the log's key with what was printed or said elsewhere."] * first


def new_key(path: Path, name: str) -> str:
    """Make a key in a new file, for its owner alone; return its public half as others write it (a vkey)."""
    require(NAME.fullmatch(name), "a witness's name has 1 to 64 letters, digits and signs of ASCII, no space and no +")
    key = Key(name, Ed25519PrivateKey.generate())
    try:
        durably(path, f"{key.secret()}\n".encode(), replaces=False)
    except FileExistsError:
        raise Refused(f"{path} is there already and is never written over: give another name") from None
    return key.vkey()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sotto witness", description="Witness the public log of a Sotto host.")
    commands = parser.add_subparsers(dest="command", required=True)
    new = commands.add_parser("new", help="make a key, and print its public half for the manifest")
    new.add_argument("--name", required=True, help="your name as a witness, best a host name: lin.example.org")
    show = commands.add_parser("show", help="print the public half of a key again")
    sign = commands.add_parser("cosign", help="check a log, remember its head, and print a cosignature")
    sign.add_argument("where", help="the host's address: https://HOST, or a copied published folder")
    for command in (new, show, sign):
        command.add_argument("--key", type=Path, required=True, help="the file of your key")
    sign.add_argument("--memory", type=Path, help="the file that remembers the last head; KEY.memory by default")
    sign.add_argument("--log-key", help="the log's key as you noted it down: name+id+key")
    sign.add_argument("--first", action="store_true", help="the very first time: no head is remembered yet")
    sign.add_argument("--mirror", action="store_true", help="the address has copied files and no pages to compare")
    return parser.parse_args()


def run(given: argparse.Namespace) -> tuple[str, list[str]]:
    """Do what was asked; return what goes to whoever runs the host, and what the person reads."""
    if given.command == "new":
        return f"{new_key(given.key, given.name)}\n", []
    key = Key.read(given.key)
    if given.command == "show":
        return f"{key.vkey()}\n", []
    memory = given.memory or given.key.with_name(f"{given.key.name}.memory")
    return cosign(Source(given.where, given.mirror), key, memory, given.log_key, first=given.first)


def main() -> int:
    try:
        line, words = run(arguments())
    except (Refused, ValueError, LookupError, TypeError, AttributeError, RecursionError, zlib.error) as error:
        print(f"REFUSED, nothing was signed: {shown(str(error))}.", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Could not look, nothing was signed: {shown(str(error))}.", file=sys.stderr)
        return 3
    print(*words, sep="\n", end="\n" * bool(words), file=sys.stderr)
    sys.stdout.buffer.write(line.encode())  # whatever encoding the terminal has: the line is UTF-8
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
