"""The registrations that this host published: which plan each is of, and which plans they withdrew."""

from sqlmodel import Session

from survey.office_db.tables import documents_of_kind
from survey.plan.registration import Registration


def registrations(session: Session, study: str) -> dict[str, Registration]:
    """Return the registration of each published plan of a study, by the plan's hash."""
    every = (Registration.from_bytes(content) for content in documents_of_kind(session, "registration"))
    return {one.plan: one for one in every if one.study == study}


def withdrawal_of(session: Session, study: str, plan: str) -> Registration | None:
    """Return the registration that withdrew the plan of this hash, or None."""
    return next((one for one in registrations(session, study).values() if plan in one.instead), None)
