"""Whether enough witnesses cosigned a log's newest head, by the rules of the manifests in the log.

The rule of a study is that of its newest manifest. Where a later wave names other witnesses, those of the wave before
must have cosigned a head that holds the new manifest: else a host could appoint witnesses of its own. Decision 106.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from crypto.checkpoints import CheckpointError
from crypto.cosignatures import Cosignature, CosignatureError, WitnessKey
from survey.public_log.cosignature_files import cosignatures_place, manifests_in, read_cosignatures
from survey.public_log.verification import PublishedLog
from survey.wave.manifest import Manifest

OLDEST = 14 * 24 * 3600
"""While a wave is open no cosignature counts that is older, in seconds."""


@dataclass(frozen=True)
class WitnessRule:
    """A manifest, whether its wave is open, and the first head that holds the study's next one (None: the newest)."""

    manifest: Manifest
    is_open: bool
    replaced_at: int | None

    @property
    def about(self) -> str:
        """The wave, in words."""
        return f"{self.manifest.study}, wave {self.manifest.wave}"


@dataclass(frozen=True)
class WitnessCheck:
    """The check of one log at one time, `now` in seconds since 1970."""

    log: PublishedLog
    now: int

    @cached_property
    def rules(self) -> tuple[WitnessRule, ...]:
        """The manifests of the log, in order."""
        manifests = manifests_in(self.log.entries, self.log.source.read)
        boxed = {(entry.study, entry.wave) for entry in self.log.entries if entry.kind == "box"}
        return tuple(
            WitnessRule(
                manifest,
                (manifest.study, manifest.wave) not in boxed,
                next((at + 1 for at, later in manifests.items() if at > own and later.study == manifest.study), None),
            )
            for own, manifest in manifests.items()
        )

    def remarks(self) -> Iterator[str]:
        """Yield for each study who stands in for the host."""
        for rule in self.rules:
            witnesses = rule.manifest.witnesses
            if rule.replaced_at is None and witnesses is None:
                yield f"Nobody stands in for the host: the manifest of {rule.about}, names no witnesses."
            elif rule.replaced_at is None and witnesses is not None:
                names = ", ".join(sorted(key.name for key in self._signers(rule, self.log.head.size))) or "none"
                yield f"Witnesses of {rule.about}: {witnesses.quorum} of {len(witnesses.keys)}; signed: {names}."
                yield from (f"Not counted: {late}." for _, _, late in self._judged(rule, self.log.head.size) if late)

    def faults(self) -> Iterator[str]:
        """Yield a sentence for each cosignature that does not hold, and each rule that is not met."""
        for rule in self.rules:
            if rule.manifest.witnesses is None:
                continue
            if rule.replaced_at is None:
                yield from self._newest_faults(rule)
            elif self._first_signed(rule, range(rule.replaced_at, self.log.head.size + 1)) is None:
                yield (
                    f"the witnesses of {rule.about}, cosigned no head that holds the study's next manifest: whoever "
                    "stands for the host now was not seen by them. Ask the witnesses before you trust this log"
                )

    def _newest_faults(self, rule: WitnessRule) -> Iterator[str]:
        size, witnesses = self.log.head.size, rule.manifest.witnesses
        yield from (fault for _, fault, _ in self._judged(rule, size) if fault)
        signed = len(self._signers(rule, size))
        if witnesses is not None and signed < witnesses.quorum:
            yield from (untimely for _, _, untimely in self._judged(rule, size) if untimely)
            older = self._first_signed(rule, range(size, 0, -1))
            yield (
                f"the newest head, of {size} entries, has {signed} of the {witnesses.quorum} cosignatures that the "
                f"manifest of {rule.about}, asks for; the newest head that has them counts {older or 0}. Look again "
                "when the witnesses were there; if it stays so, others may be shown another log (a split view)"
            )

    def _first_signed(self, rule: WitnessRule, sizes: Iterable[int]) -> int | None:
        """Return the first of these sizes whose head has a rule's quorum."""
        quorum = rule.manifest.witnesses.quorum if rule.manifest.witnesses else 0
        return next((size for size in sizes if len(self._signers(rule, size)) >= quorum), None)

    def _signers(self, rule: WitnessRule, size: int) -> set[WitnessKey]:
        """Return the witnesses whose cosignature under a head counts, each once."""
        return {key for key, fault, untimely in self._judged(rule, size) if key and not fault and not untimely}

    def _judged(self, rule: WitnessRule, size: int) -> Iterator[tuple[WitnessKey | None, str, str]]:
        """Yield of each cosignature of a rule's witnesses under a head its key, its fault, and why its time is none.

        Lines of others are let pass. One at another time than it may have is not counted, and no fault by itself.
        """
        place = cosignatures_place(size)
        content, keys = self.log.source.read(place), rule.manifest.witnesses
        if content is None or keys is None:
            return
        try:
            text = self.log.verifier.open_note(self.log.source.read_required(f"log/heads/{size}"))
            cosignatures = read_cosignatures(content)
        except (CosignatureError, CheckpointError):
            yield None, f"{place} is no file of cosignatures: ask the host for it", ""
            return
        for key in keys.witness_keys:
            for cosignature in filter(key.made, cosignatures):
                fault, untimely = self._fault(key, cosignature, text), self._untimely(rule, key, cosignature)
                yield key, fault and f"{place}: {fault}", untimely and f"{place}: {untimely}"

    def _fault(self, key: WitnessKey, cosignature: Cosignature, text: str) -> str:
        try:
            key.check(cosignature, text)
        except CosignatureError as error:
            return f"{error}. The host may show the witness another log (a split view): compare heads"
        return ""

    def _untimely(self, rule: WitnessRule, key: WitnessKey, cosignature: Cosignature) -> str:
        if cosignature.seconds > self.now:
            return (
                f"the cosignature of {key.name} is from the future: set the clock of this machine, or ask the witness"
            )
        if rule.is_open and rule.replaced_at is None and self.now - cosignature.seconds > OLDEST:
            return f"the cosignature of {key.name} is older than 14 days while {rule.about}, is open: ask the witness"
        return ""
