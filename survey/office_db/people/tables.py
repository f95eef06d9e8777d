"""Tables of people, of their means of signing in, and of what the desk tells the audit. No passwords, no tokens."""

import re
from datetime import date

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field

from survey.office_db.base import StaffDatabase

NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
"""A person's name."""


class Staff(StaffDatabase, table=True):
    """One person; the desk reads this table and cannot write it."""

    __tablename__ = "staff"

    name: str = Field(primary_key=True)
    active: bool = True
    since: date


class StaffRole(StaffDatabase, table=True):
    """What a person is in a study, or in every one where `study` is empty; the desk cannot write it."""

    __tablename__ = "staff_role"

    staff: str = Field(foreign_key="staff.name", primary_key=True)
    study: str = Field(primary_key=True)
    role: str


class SignInSecret(StaffDatabase, table=True):
    """
    What a person proves: the hash of a password, and the secret of one-time codes with the last step that was used.

    `failures` and `locked_until` (Unix seconds) slow down guesses of the password; `code_failures` and
    `code_locked_until` those of the code, which only the right password lets anybody make.
    """

    __tablename__ = "sign_in_secret"

    staff: str = Field(foreign_key="staff.name", primary_key=True)
    password_hash: str | None = None
    code_secret: bytes | None = None
    code_step: int = Field(default=0, sa_type=BigInteger)
    failures: int = 0
    locked_until: int = Field(default=0, sa_type=BigInteger)
    code_failures: int = 0
    code_locked_until: int = Field(default=0, sa_type=BigInteger)


class RecoveryCode(StaffDatabase, table=True):
    """One code that stands in once for a one-time code: its hash."""

    __tablename__ = "recovery_code"

    code_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    staff: str = Field(foreign_key="staff.name", index=True)


class SignInLink(StaffDatabase, table=True):
    """A link for one first sign-in: the hash of its token, and the Unix second at which it ends."""

    __tablename__ = "sign_in_link"

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    staff: str = Field(foreign_key="staff.name", unique=True)
    ends: int = Field(sa_type=BigInteger)


class StaffSession(StaffDatabase, table=True):
    """
    One signed-in browser: the hash of its token, never the token.

    `made` and `seen` are Unix seconds of signing in and of the last use; `way` is a SignInWay; `failures` counts wrong
    passwords that were typed in it.
    """

    __tablename__ = "staff_session"

    token_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    staff: str = Field(foreign_key="staff.name", index=True)
    made: int = Field(sa_type=BigInteger)
    seen: int = Field(sa_type=BigInteger)
    way: str
    failures: int = 0


class Passkey(StaffDatabase, table=True):
    """
    A passkey that signs a person in at the desk; `public_key` is COSE (RFC 9052), `label` is what they call it.

    `origin` is the desk's address as the browser named it: a passkey signs for no other.
    """

    __tablename__ = "passkey"

    credential: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    staff: str = Field(foreign_key="staff.name", index=True)
    public_key: bytes
    sign_count: int = Field(sa_type=BigInteger)
    label: str
    origin: str
    since: date


class ConfirmedPasskey(StaffDatabase, table=True):
    """A passkey that the administrator confirmed: what it signs may be carried out. The desk cannot write it."""

    __tablename__ = "confirmed_passkey"

    credential: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    staff: str = Field(foreign_key="staff.name", index=True)
    public_key: bytes
    origin: str
    since: date


class UsedChallenge(StaffDatabase, table=True):
    """What a passkey signed already, so that it counts once: the hash of the challenge, and the Unix second of use."""

    __tablename__ = "used_challenge"

    challenge_hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    used: int = Field(sa_type=BigInteger)


class DeskAct(StaffDatabase, table=True):
    """
    What the desk tells the audit, until the owner's next command adds it to the chain with its day.

    The desk adds rows and changes none; `made` (Unix seconds) keeps their order until then.
    """

    __tablename__ = "desk_act"

    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    made: int = Field(sa_type=BigInteger)
    actor: str = Field(foreign_key="staff.name")
    action: str
