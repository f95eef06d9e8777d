"""The second factor beside a password: one-time codes, each taken once, and recovery codes in their place."""

from sqlalchemy import delete
from sqlmodel import Session, col, select

from crypto.one_time_codes import matching_step
from survey.office_db.people.sessions import SignInWay
from survey.office_db.people.tables import RecoveryCode, SignInSecret
from survey.office_db.people.tokens import new_recovery_codes, recovery_hash


def accept_code(session: Session, secret: SignInSecret, code: str, now: int) -> SignInWay | None:
    """Take a one-time or recovery code of a person, which is then used up; return which it was, None for neither."""
    if secret.code_secret is None:
        return None
    step = matching_step(secret.code_secret, code.replace(" ", ""), now, secret.code_step)
    if step is not None:
        secret.code_step = step
        session.add(secret)
        return SignInWay.CODE
    recovery = session.get(RecoveryCode, recovery_hash(code))
    if recovery is None or recovery.staff != secret.staff:
        return None
    session.delete(recovery)
    return SignInWay.RECOVERY


def set_code_secret(session: Session, secret: SignInSecret, code_secret: bytes, code: str, now: int) -> bool:
    """Set the secret of one-time codes, where `code` shows that the person's app has it; say whether it did."""
    step = matching_step(code_secret, code.replace(" ", ""), now, 0)
    if step is None:
        return False
    secret.code_secret, secret.code_step = code_secret, step
    session.add(secret)
    return True


def renew_recovery_codes(session: Session, name: str) -> tuple[str, ...]:
    """Return ten new recovery codes, to be shown once; those of before are worth nothing any more."""
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.staff) == name))
    codes = new_recovery_codes()
    session.add_all(RecoveryCode(code_hash=recovery_hash(code), staff=name) for code in codes)
    return codes


def recovery_codes_left(session: Session, name: str) -> int:
    """Return how many recovery codes a person has left."""
    return len(session.exec(select(RecoveryCode.code_hash).where(RecoveryCode.staff == name)).all())
