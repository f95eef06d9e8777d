"""The differential privacy statement of a release: 24 hazards answered from its own facts, as data and as a page."""

from dataclasses import asdict, dataclass
from typing import Any

from analysis.exports.nist_hazards import HazardAnswer, answers
from survey.plan.plan import rho_text
from survey.release.epsilon_text import epsilon_text
from survey.release.release import Release

LAYERS = {
    "parameters": "How strong is the guarantee?",
    "unit": "Whom does it protect?",
    "algorithms": "Is it computed rightly, and what does it do to the numbers?",
    "deployment": "What must hold around it?",
}
MARKS = {"answered": "", "limited": " (with a limit)", "elsewhere": " (no file can show it)"}


@dataclass(frozen=True)
class Statement:
    """What a reader of a release must know about its privacy; `release` is the hash of the document it is about."""

    release: str
    study: str
    wave: int
    summary: str
    made_by: tuple[str, ...]
    answers: tuple[HazardAnswer, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the statement as plain JSON values (`sotto-statement-2`)."""
        return {"format": "sotto-statement-2", "standard": "NIST SP 800-226", **asdict(self)}

    def to_markdown(self) -> str:
        """Return the statement as a page."""
        parts = [
            f"# Privacy statement: {self.study}, wave {self.wave}",
            self.summary,
            *([" ".join(self.made_by)] if self.made_by else []),
            f"Made from the release with the hash `{self.release}` and from nothing else; anybody can make it again.",
        ]
        for layer, title in LAYERS.items():
            parts.append(f"## {title}")
            parts += [_paragraph(answer) for answer in self.answers if answer.layer == layer]
        return "\n\n".join(parts) + "\n"


def statement(release: Release) -> Statement:
    """Return the statement of a release: a pure function of the document, so that verifying one verifies the other."""
    budget = release.budget
    summary = (
        f"{len(release.tables)} tables of {release.box.count} records, for rho {rho_text(budget.cost)} (zCDP, one "
        f"{release.unit} changed). So far the study has spent {rho_text(budget.spent)} of {rho_text(budget.total)}: "
        f"epsilon {epsilon_text(budget.epsilons)}."
    )
    return Statement(release.digest, release.study, release.wave, summary, made_by(release), answers(release))


def made_by(release: Release) -> tuple[str, ...]:
    """Return who is responsible for the study and whom it asked, a sentence each, in English; empty if not stated."""
    about, fieldwork = release.about, release.fieldwork
    texts = {"Run by": "organisation", "Contact": "contact", "Ethics review": "ethics", "Permit": "permit"}
    lines = [f"{words}: {text}." for words, name in texts.items() if (text := about and about.text(name, "en"))]
    if fieldwork:
        lines.append(f"Open from {fieldwork.opened} to {fieldwork.closed}; {fieldwork.answered} answers.")
        if fieldwork.participation is not None:
            lines.append(
                f"{fieldwork.invited} were invited and {fieldwork.issued} used their invitation: "
                f"{fieldwork.participation:.1%} answered."
            )
    return tuple(lines)


def _paragraph(answer: HazardAnswer) -> str:
    return f"**{answer.number}. {answer.hazard}{MARKS[answer.verdict]}.** {answer.text}"
