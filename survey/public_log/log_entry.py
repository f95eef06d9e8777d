"""The entries of the public log: one for each decision, with the hash of its published document."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from crypto.merkle import leaf_hash
from survey.document import Document
from survey.names import Sha256, Slug

Kind = Literal[
    "manifest", "frontend", "pages", "custody", "correction", "plan", "box", "intent", "release", "destruction"
]
NonNegative = Annotated[int, Field(ge=0)]

# The members of each kind beside those of every entry; optional ones may be absent.
REQUIRED_MEMBERS: dict[str, frozenset[str]] = {
    "manifest": frozenset({"drill"}),
    "frontend": frozenset(),
    "pages": frozenset(),
    "custody": frozenset(),
    "correction": frozenset(),
    "plan": frozenset({"registration"}),
    "box": frozenset({"root", "count", "receipts", "refused"}),
    "intent": frozenset(),
    "release": frozenset({"ledger"}),
    "destruction": frozenset(),
}
OPTIONAL_MEMBERS: dict[str, frozenset[str]] = {"box": frozenset({"invited", "issued"})}
COMMON_MEMBERS = frozenset({"format", "kind", "study", "wave", "day", "hash"})


class LogEntry(Document):
    """One line of the log (`sotto-log-entry-1`); `hash` and the members ending in a document's name are hex SHA-256.

    `drill`: the signed record of the key drill, which names the manifest. `registration`: the plan's. `root`, `count`:
    of the box; `receipts`: the root over its 256 lists of receipts; `refused`: how many rows compaction set
    aside; `invited`, `issued`: codes and tokens, where there were invitations. `ledger`: the ledger entry that paid for
    the release.
    """

    format: Literal["sotto-log-entry-1"]
    kind: Kind
    study: Slug
    wave: Annotated[int, Field(ge=1)]
    day: str
    hash: Sha256
    drill: Sha256 | None = None
    registration: Sha256 | None = None
    root: Sha256 | None = None
    count: NonNegative | None = None
    receipts: Sha256 | None = None
    refused: NonNegative | None = None
    invited: NonNegative | None = None
    issued: NonNegative | None = None
    ledger: Sha256 | None = None

    @model_validator(mode="after")
    def _check_members(self) -> Self:
        date.fromisoformat(self.day)
        members = {name for name in self.model_fields_set - COMMON_MEMBERS if getattr(self, name) is not None}
        if members != self.model_fields_set - COMMON_MEMBERS or not REQUIRED_MEMBERS[self.kind] <= members:
            raise ValueError(
                f"an entry of kind {self.kind} says {', '.join(sorted(REQUIRED_MEMBERS[self.kind])) or 'no more'}"
            )
        if members - REQUIRED_MEMBERS[self.kind] - OPTIONAL_MEMBERS.get(self.kind, frozenset()):
            raise ValueError(f"an entry of kind {self.kind} says something of another kind")
        return self

    @property
    def leaf(self) -> bytes:
        """The RFC 9162 hash of this entry as a leaf of the log."""
        return leaf_hash(self.to_bytes())

    def is_logged_in(self, entries: "list[LogEntry]") -> bool:
        """
        Return whether this is in the log already: a document is logged once per wave, whatever the day.

        An earlier front end or earlier pages may be served again after others: they count as logged only where they are
        the newest.
        """
        hashes = [one.hash for one in entries if (one.kind, one.study, one.wave) == (self.kind, self.study, self.wave)]
        return self.hash in (hashes[-1:] if self.kind in {"frontend", "pages"} else hashes)

    @property
    def documents(self) -> dict[str, str]:
        """The published files that this entry lists: path -> hex SHA-256 of its bytes."""
        places = {
            "manifest": {f"manifests/{self.hash}.json": self.hash, f"drills/{self.drill}.json": str(self.drill)},
            "plan": {
                f"plans/{self.hash}.json": self.hash,
                f"registrations/{self.hash}.json": str(self.registration),
            },
            "frontend": {f"frontends/{self.hash}.json": self.hash},
            "pages": {f"pages/{self.hash}.json": self.hash},
            "custody": {f"custodies/{self.hash}.json": self.hash},
            "correction": {f"corrections/{self.hash}.json": self.hash},
            "box": {f"boxes/{self.hash}.json": self.hash},
            "intent": {f"intents/{self.hash}.json": self.hash},
            "release": {f"results/{self.study}/{self.hash}.json": self.hash},
            "destruction": {f"destructions/{self.hash}.json": self.hash},
        }
        return places[self.kind]
