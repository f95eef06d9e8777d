"""The acts of staff that the audit chain has, by the names under which it stores them."""

from enum import StrEnum


class Act(StrEnum):
    """What was done. The desk has its own words for each (survey/desk_app/audit_views.py)."""

    USER_ADDED = "user added"
    USER_DISABLED = "user disabled"
    USER_ENABLED = "user enabled"
    USER_RESET = "user reset"
    ROLE_GIVEN = "role given"
    PASSKEY_CONFIRMED = "passkey confirmed"
    FIRST_SIGN_IN = "first sign-in"
    SIGNED_IN = "signed in"
    SIGN_IN_FAILED = "sign-in failed"
    PASSWORD_CHANGED = "password changed"  # noqa: S105 - the name of an act, not a secret
    CODES_RENEWED = "one-time codes set up anew"
    RECOVERY_RENEWED = "recovery codes made anew"
    SESSIONS_ENDED = "other sessions ended"
    PASSKEY_ADDED = "passkey added"
    PASSKEY_REMOVED = "passkey removed"
    STUDY_COMPILED = "study compiled"
    VERSION_KEPT = "version kept"
    STUDY_DELETED = "study deleted"
    ISSUER_KEY_MADE = "issuer key made"
    ISSUER_KEY_DELETED = "issuer key deleted"
    BATCH_MADE = "batch made"
    BATCH_CLOSED = "batch closed"
    WAVE_OPENED = "wave opened"
    WAVE_CLOSED = "wave closed"
    ENVELOPES_TAKEN_IN = "envelopes taken in"
    CORRECTION_PUBLISHED = "correction published"
    PLAN_PUBLISHED = "plan published"
    BOX_MADE = "box made"
    RELEASE_PUBLISHED = "release published"
    SPLIT_PUBLISHED = "split of a key published"
    INTENT_PUBLISHED = "intent published"
    DESTRUCTION_PUBLISHED = "destruction of a key published"
    REQUEST_ACCEPTED = "request accepted"
    REQUEST_TAKEN_BACK = "request taken back"
    REQUEST_APPROVED = "request approved"
    REQUEST_UNPROVEN = "unproven request refused"


DESK_ACTS = frozenset(
    {
        Act.FIRST_SIGN_IN,
        Act.SIGNED_IN,
        Act.SIGN_IN_FAILED,
        Act.PASSWORD_CHANGED,
        Act.CODES_RENEWED,
        Act.RECOVERY_RENEWED,
        Act.SESSIONS_ENDED,
        Act.PASSKEY_ADDED,
        Act.PASSKEY_REMOVED,
    }
)
"""What the desk itself tells (survey/office_db/people/desk_acts.py); every other act is a command's."""
PEOPLE_ACTS = frozenset(
    {Act.USER_ADDED, Act.USER_DISABLED, Act.USER_ENABLED, Act.USER_RESET, Act.ROLE_GIVEN, Act.PASSKEY_CONFIRMED}
)
"""What commands do to an account, whose name begins the subject."""
STUDY_ACTS = frozenset(Act) - DESK_ACTS - PEOPLE_ACTS - {Act.REQUEST_UNPROVEN}
"""What is done to a study, whose name begins the subject."""
