"""The commands of a wave's life with their paths filled in, as they are typed on the host and the offline machine."""

from dataclasses import dataclass

from survey.office_db.wave_record import WaveRecord

HOST, OFFLINE = "host", "offline"
"""Where a command is run: on the collection host, or on the machine without a network that has the study folder."""
THRESHOLD, CUSTODIANS = 3, 5
"""The proposal of docs/custody.md: it survives two lost cards and two custodians who are not to be trusted."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command line: where it is run, and its words. No word has a space or a sign that a shell reads."""

    place: str
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The line as it is typed."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Paths:
    """
    What files and folders of a wave are called in commands, the same on both machines.

    The study folder has the study's name. It lies on the offline machine; what crosses keeps its path.
    """

    study: str
    wave: int

    @property
    def questionnaire(self) -> str:
        """The study's authored file."""
        return f"{self.study}.yaml"

    @property
    def folder(self) -> str:
        """What the ceremony writes for a wave."""
        return f"{self.study}/waves/{self.wave}"

    def own(self, name: str) -> str:
        """Return the name of a file beside the study folder that is of this wave alone."""
        return f"{self.study}-wave-{self.wave}-{name}"

    @property
    def plan(self) -> str:
        """The authored plan."""
        return self.own("plan.yaml")

    @property
    def box(self) -> str:
        """The box of sealed answers."""
        return f"{self.study}-wave-{self.wave}.box"


def host(*words: str) -> Command:
    """Return a `sotto` command of the collection host."""
    return Command(HOST, ("sotto", *words))


def offline(*words: str) -> Command:
    """Return a `sotto` command of the offline machine."""
    return Command(OFFLINE, ("sotto", *words))


def for_words(record: WaveRecord) -> tuple[Command, ...]:
    """Return how the study's file is checked and kept."""
    file = _paths(record).questionnaire
    return host("study", "check", file), host("study", "new", file)


def for_issuer(record: WaveRecord) -> tuple[Command, ...]:
    """Return how the key that signs for invitations is made, before the ceremony."""
    own = _paths(record).own("issuer.json")
    return (host("issuer", "new", record.study, "--wave", str(record.number), "-o", own),)


def for_ceremony(record: WaveRecord) -> tuple[Command, ...]:
    """Return how the wave's key is made and split."""
    paths, split = _paths(record), ("--threshold", str(THRESHOLD), "--custodians", str(CUSTODIANS))
    issuer = ("--issuer", paths.own("issuer.json")) if record.mode == "invitation" else ()
    wave = ("--wave", str(record.number), "-o", record.study, "--cards", "/media/cards")
    return (offline("key", "ceremony", paths.questionnaire, *split, *wave, *issuer),)


def for_drill(record: WaveRecord) -> tuple[Command, ...]:
    """Return how every quorum of cards is proved to open."""
    return (offline("key", "drill", record.study, "--wave", str(record.number)),)


def for_plan(record: WaveRecord) -> tuple[Command, ...]:
    """Return how the plan is priced, signed and published; HASH is what `sotto plan register` prints."""
    plan, folder = _paths(record).plan, ("--study", record.study)
    return (
        offline("plan", "check", plan, *folder),
        offline("plan", "register", plan, *folder),
        host("plan", "publish", f"{record.study}/plans/HASH"),
    )


def for_findings(record: WaveRecord) -> tuple[Command, ...]:
    """Return how it is seen that the plan answers every hypothesis."""
    findings = ("--findings", "findings.yaml")
    return (offline("plan", "check", _paths(record).plan, "--study", record.study, *findings),)


def for_batches(record: WaveRecord) -> tuple[Command, ...]:
    """Return how a batch of codes is made for each stratum."""
    paths = _paths(record)
    wave = ("--wave", str(record.number))
    return tuple(
        host("invite", record.study, *wave, "--batch", f"{stratum}-1", "--stratum", stratum, "--count", "200",
             "--codes", paths.own(f"{stratum}-1.json"))
        for stratum in record.strata
    )  # fmt: skip


def for_opening(record: WaveRecord) -> tuple[Command, ...]:
    """Return how the wave is opened with what ceremony and drill wrote."""
    folder = _paths(record).folder
    documents = ("--manifest", f"{folder}/manifest.json", "--drill", f"{folder}/drill.json")
    return (host("study", "open", record.study, *documents),)


def for_split(record: WaveRecord) -> tuple[Command, ...]:
    """Return how the split of the key comes into the public log."""
    return (host("publish", f"{_paths(record).folder}/custody.json"),)


def for_fieldwork(record: WaveRecord) -> tuple[Command, ...]:
    """Return how a tablet's file is taken in before the close; QUEUE is the name that the tablet gave it."""
    return (host("take-in", record.study, "QUEUE.sotto-queue"),)


def for_closing(record: WaveRecord) -> tuple[Command, ...]:
    """Return how the wave is closed for ever; the command takes no number, and closes whichever wave is open."""
    return (host("study", "close", record.study),) if record.state == "open" else ()


def for_box(record: WaveRecord) -> tuple[Command, ...]:
    """Return how the box is made that travels to the offline machine."""
    return (host("box", record.study, str(record.number), "-o", _paths(record).box),)


def for_intent(record: WaveRecord) -> tuple[Command, ...]:
    """Return how it is announced what will be opened."""
    paths = _paths(record)
    inputs = ("--box", paths.box, "--study", record.study)
    intent = paths.own("intent.json")
    return offline("key", "intent", paths.plan, *inputs, "-o", intent), host("publish", intent)


def for_release(record: WaveRecord) -> tuple[Command, ...]:
    """Return how the box is opened and counted, and the result checked and published."""
    paths = _paths(record)
    inputs = ("--box", paths.box, "--study", record.study)
    result = f"{paths.own('release')}/release.json"
    return (
        offline("release", paths.plan, *inputs, "-o", paths.own("release")),
        offline("verify", result, "--study", record.study, "--box", paths.box),
        host("publish", result),
    )


def for_destruction(record: WaveRecord) -> tuple[Command, ...]:
    """Return how the end of the key is stated and published."""
    return (
        offline("key", "destroy", record.study, "--wave", str(record.number)),
        host("publish", f"{_paths(record).folder}/destruction.json"),
    )


def _paths(record: WaveRecord) -> Paths:
    return Paths(record.study, record.number)
