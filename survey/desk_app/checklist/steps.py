"""The steps of a wave's life in their order: which are done, by whom and when, and which come next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from survey.desk_app.checklist import commands
from survey.desk_app.checklist.commands import Command
from survey.office_db.acts import Act
from survey.office_db.wave_record import NotedAct, WaveRecord


class StepState(StrEnum):
    """
    How a step stands, for all that the office knows.

    `unseen`: the offline machine alone knows. `known`: it is done, because what came later needs it.
    """

    DONE = "done"
    KNOWN = "known"
    GOING = "going"
    UNSEEN = "unseen"
    MISSING = "missing"


FINISHED = frozenset({StepState.DONE, StepState.KNOWN})


@dataclass(frozen=True, slots=True)
class WaveStep:
    """
    One step of a checklist; its words are templates/desk/step_words.html's.

    `noted`: who did it and when. `needs`: what is lacking, in English. `asks`: the kind of request by which it is asked
    for at the desk, empty where it is not. `files`: the names of its documents. `next`: it is among what comes now.
    """

    name: str
    state: StepState
    noted: tuple[NotedAct, ...]
    needs: tuple[str, ...]
    commands: tuple[Command, ...]
    asks: str
    files: tuple[str, ...]
    next: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a step is before a wave is looked at: the act that ends it, and what its files' names begin with."""

    name: str
    commands: Callable[[WaveRecord], tuple[Command, ...]]
    act: Act | None = None
    asks: str = ""
    files: tuple[str, ...] = ()


_KINDS = (
    _Kind("words", commands.for_words, files=("questionnaire",)),
    _Kind("issuer", commands.for_issuer, Act.ISSUER_KEY_MADE),
    _Kind("ceremony", commands.for_ceremony, files=("manifest",)),
    _Kind("drill", commands.for_drill),
    _Kind("plan", commands.for_plan, Act.PLAN_PUBLISHED, "register-plan", files=("plan", "registration")),
    _Kind("findings", commands.for_findings),
    _Kind("batches", commands.for_batches, Act.BATCH_MADE),
    _Kind("opening", commands.for_opening, Act.WAVE_OPENED, "open-wave"),
    _Kind("split", commands.for_split, Act.SPLIT_PUBLISHED, "publish", ("custody",)),
    _Kind("fieldwork", commands.for_fieldwork, files=("correction",)),
    _Kind("closing", commands.for_closing, Act.WAVE_CLOSED, "close-wave"),
    _Kind("box", commands.for_box, Act.BOX_MADE),
    _Kind("intent", commands.for_intent, Act.INTENT_PUBLISHED, "publish", ("intent",)),
    _Kind("release", commands.for_release, Act.RELEASE_PUBLISHED, "publish", ("release",)),
    _Kind("destruction", commands.for_destruction, Act.DESTRUCTION_PUBLISHED, "publish", ("destruction",)),
)
STEPS = tuple(kind.name for kind in _KINDS)
_OF_INVITATIONS = frozenset({"issuer", "batches"})
_OFFLINE = frozenset({"ceremony", "drill", "findings"})
"""Steps of the offline machine that leave no document here of their own."""
_BESIDE = frozenset({"batches", "split"})
"""Steps that hold up none after them."""


def steps(record: WaveRecord) -> tuple[WaveStep, ...]:
    """Return the steps of a wave in their order, those marked that come next."""
    kinds = [kind for kind in _KINDS if record.mode == "invitation" or kind.name not in _OF_INVITATIONS]
    made = [_step(kind, record) for kind in kinds]
    now = _next(made, record)
    return tuple(replace(step, next=step.name in now) for step in made)


def _step(kind: _Kind, record: WaveRecord) -> WaveStep:
    noted = record.compiled[-1:] if kind.name == "words" else record.noted(kind.act) if kind.act else ()
    return WaveStep(
        name=kind.name,
        state=_state(kind, record),
        noted=noted,
        needs=record.lacking if kind.name == "words" else (),
        commands=kind.commands(record),
        asks=kind.asks,
        files=tuple(name for name in record.files if name.startswith(kind.files)) if kind.files else (),
    )


def _state(kind: _Kind, record: WaveRecord) -> StepState:
    if kind.act and record.noted(kind.act):
        return StepState.DONE
    opened = record.state != "new"
    later = {
        "ceremony": opened,
        "drill": opened,
        "findings": bool(record.hypotheses),
        "fieldwork": record.state in {"closed", "boxed"},
        # Else it is on another host.
        "issuer": opened,
        # The host takes no release without, but of demonstrations.
        "intent": bool(record.noted(Act.RELEASE_PUBLISHED)),
    }
    if later.get(kind.name):
        return StepState.KNOWN
    if kind.name == "words" and not record.lacking:
        return StepState.DONE
    if kind.name == "fieldwork" and opened:
        return StepState.GOING
    return StepState.UNSEEN if kind.name in _OFFLINE else StepState.MISSING


def _next(made: Sequence[WaveStep], record: WaveRecord) -> frozenset[str]:
    """
    Return the first step that is missing, with those before it of which the office cannot see whether they are done.

    Fieldwork is among them as long as it goes on, whatever else is missing.
    """
    now = [step.name for step in made if step.state is StepState.GOING]
    for step in made:
        if step.state in FINISHED or (step.state is StepState.UNSEEN and record.state != "new"):
            continue
        now.append(step.name)
        if step.state is StepState.MISSING and step.name not in _BESIDE:
            break
    return frozenset(now)
