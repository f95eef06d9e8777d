"""Publishing what witnesses signed: each line is checked, and lies beside the head that it is of."""

from collections.abc import Iterable
from dataclasses import dataclass

from crypto.cosignatures import Cosignature, CosignatureError, WitnessKey
from crypto.durable import write_file
from survey.errors import OfficeError
from survey.public_log.cosignature_files import (
    cosignatures_place,
    known_witnesses,
    manifests_in,
    read_cosignatures,
)
from survey.public_log.log import Log
from survey.public_log.published_source import PublishedSource
from survey.public_log.verification import PublishedLog


class CosigningError(OfficeError):
    """Lines that are not published; the message says why, and nothing was changed."""


@dataclass(frozen=True)
class CosignedHead:
    """A witness's name, and how many entries the head has that it signed."""

    name: str
    size: int


def publish_cosignatures(log: Log, content: bytes, now: int) -> tuple[CosignedHead, ...]:
    """Publish the cosignatures in `content` (lines as witnesses' programs print them); return whose and of which head.

    `now` is in seconds since 1970. Raises CosigningError, and publishes none, unless each is of a witness whom a
    manifest in the log names, of a head of this log, and not from the future. Of one key the newest stays.
    """
    with log.locked():
        published = PublishedLog.read(PublishedSource(str(log.public)))
        keys = known_witnesses(manifests_in(published.entries, published.source.read).values())
        try:
            cosignatures = read_cosignatures(content)
        except CosignatureError as error:
            raise CosigningError(f"{error}; nothing was published") from None
        placed = [(one, *_placed(published, keys, one, now)) for one in cosignatures]
        for size in sorted({size for _, _, size in placed}):
            _add(log, size, [one for one, _, of in placed if of == size])
    return tuple(CosignedHead(key.name, size) for _, key, size in placed)


def _placed(
    published: PublishedLog, keys: Iterable[WitnessKey], cosignature: Cosignature, now: int
) -> tuple[WitnessKey, int]:
    """Return the witness of a cosignature and the size of the head that it is of; raise CosigningError without."""
    key = next((key for key in keys if key.made(cosignature)), None)
    if key is None:
        raise CosigningError(
            f"no manifest in the log names a witness {cosignature.name!a} with this key: see which key was given at "
            "the ceremony; nothing was published"
        )
    if cosignature.seconds > now:
        raise CosigningError(
            f"the cosignature of {key.name} is from the future, by {cosignature.seconds - now} seconds: compare the "
            "clocks of both machines; nothing was published"
        )
    return key, _head_of(published, key, cosignature)


def _head_of(published: PublishedLog, key: WitnessKey, cosignature: Cosignature) -> int:
    for size in range(published.head.size, 0, -1):
        text = published.verifier.open_note(published.source.read_required(f"log/heads/{size}"))
        try:
            key.check(cosignature, text)
        except CosignatureError:
            continue
        return size
    raise CosigningError(
        f"the cosignature of {key.name} is of no head of this log: it was damaged on its way, or the witness was shown "
        "another log. Ask the witness for the head; nothing was published"
    )


def _add(log: Log, size: int, cosignatures: Iterable[Cosignature]) -> None:
    """Add cosignatures to those of a head; of one key the newest stays."""
    path = log.public / cosignatures_place(size)
    lines = {(one.name, one.key_id): one for one in (read_cosignatures(path.read_bytes()) if path.exists() else ())}
    for one in cosignatures:
        older = lines.get((one.name, one.key_id))
        if older is None or older.seconds < one.seconds:
            lines[one.name, one.key_id] = one
    write_file(path, "".join(f"{lines[key].to_line()}\n" for key in sorted(lines)).encode())
