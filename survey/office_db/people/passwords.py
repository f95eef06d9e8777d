"""Passwords: their one form, argon2id, and what is refused because others guess it first. No Flask."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from survey.errors import OfficeError

PASSWORD_LENGTH = 12
LONGEST_PASSWORD = 256
"""What the desk's form takes; a longer one could be set and never typed."""
EXAMINED = 72
"""Characters that the estimate looks at: its time grows faster than the length."""
LEAST_SCORE = 3
"""Of zxcvbn's 0 to 4: more than 10⁸ guesses by words, names, keys, dates and 30,000 passwords that were stolen."""
OUR_WORDS = ("sotto", "desk", "survey")


class AccountError(OfficeError):
    """An account cannot be created or changed; the message says why."""


class PasswordLengthError(AccountError):
    """A password is too short or too long."""


class CommonPasswordError(AccountError):
    """A password is among those that are tried first."""


def password_hash(name: str, password: str) -> str:
    """Return a password's argon2id hash; raise AccountError for one of the wrong length, or that is guessed early."""
    password = prepared(password)
    if not PASSWORD_LENGTH <= len(password) <= LONGEST_PASSWORD:
        raise PasswordLengthError(
            f"a password has {PASSWORD_LENGTH} characters at least, {LONGEST_PASSWORD} at most; several words are good"
        )
    estimate = zxcvbn(password[:EXAMINED], user_inputs=[name, *OUR_WORDS])
    if estimate["score"] < LEAST_SCORE:
        raise CommonPasswordError(
            "this password is guessed early, because it is common, repeats itself or follows keys of a keyboard: "
            "take several words that have nothing to do with each other"
        )
    return PasswordHasher().hash(password)


def prepared(password: str) -> str:
    """
    Return a password in the one form in which it is hashed and compared (RFC 8265, section 4.2: OpaqueString).

    Keyboards give the same letters in several forms (macOS and iOS decompose é, input methods type wide spaces).
    """
    spaced = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in password)
    return unicodedata.normalize("NFC", spaced)


def verifies(kept: str | None, password: str) -> bool:
    """Say whether a password has this hash; without one, the answer takes as long and is no."""
    try:
        return PasswordHasher().verify(kept or _unmatchable_hash(), prepared(password))
    except (VerificationError, InvalidHashError):
        return False


def _unmatchable_hash() -> str:
    """Return a hash that no password matches, so that an unknown name takes as long as a wrong password."""
    hasher = PasswordHasher()
    salt, digest = "c290dG8gZGVjb3kgc2FsdA", "A" * 43
    return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${digest}"
