"""Roles: what a person is in one study, or in every study. The owner of the database writes them, the desk reads."""

from dataclasses import dataclass

from sqlalchemy import delete
from sqlmodel import Session, col, select

from survey.office_db.people.passwords import AccountError
from survey.office_db.people.role import OF_A_HOST, Role
from survey.office_db.people.tables import StaffRole

EVERY_STUDY = ""


@dataclass(frozen=True, slots=True)
class Roles:
    """A person's roles by study; EVERY_STUDY stands for all."""

    by_study: dict[str, Role]

    def has(self, *roles: Role, study: str = EVERY_STUDY) -> bool:
        """Say whether a person has one of `roles` in a study, or for the whole host."""
        held = {self.by_study.get(EVERY_STUDY), self.by_study.get(study)}
        return not held.isdisjoint(roles)

    def sees(self, study: str) -> bool:
        """Say whether a person has any role in a study."""
        return EVERY_STUDY in self.by_study or study in self.by_study


def roles_of(session: Session, name: str) -> Roles:
    """Return a person's roles."""
    rows = session.exec(select(StaffRole).filter_by(staff=name))
    return Roles({row.study: Role(row.role) for row in rows})


def set_role(session: Session, name: str, role: Role, studies: tuple[str, ...]) -> None:
    """Give a person one role in some studies, in all where none is named; raise AccountError where it has no such."""
    if studies and role in OF_A_HOST:
        raise AccountError(f"an {role} is that for the whole host, and not for a study: leave the studies away")
    session.execute(delete(StaffRole).where(col(StaffRole.staff) == name))
    for study in dict.fromkeys(studies or (EVERY_STUDY,)):
        session.add(StaffRole(staff=name, study=study, role=role.value))
