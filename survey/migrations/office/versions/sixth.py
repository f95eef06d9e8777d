"""People, their roles and their means of signing in; acts that the desk tells; earlier accounts become owners."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "o6"
down_revision = "o5"
branch_labels = None
depends_on = None

NEW = (
    "desk_act", "used_challenge", "confirmed_passkey", "passkey", "sign_in_link", "recovery_code", "sign_in_secret",
    "staff_role",
)  # fmt: skip
POSTGRESQL = (
    f"REVOKE ALL ON {', '.join(NEW)} FROM PUBLIC",
    """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sotto_desk') THEN
        REVOKE UPDATE (failures, locked_until) ON staff FROM sotto_desk;
        GRANT SELECT ON staff_role, confirmed_passkey TO sotto_desk;
        GRANT SELECT, INSERT ON desk_act TO sotto_desk;
        GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_secret, recovery_code, sign_in_link, passkey, used_challenge
          TO sotto_desk;
      END IF;
    END $$
    """,
)
FROM_STAFF = (
    "INSERT INTO staff_role (staff, study, role) SELECT name, '', 'owner' FROM staff",
    """INSERT INTO sign_in_secret (staff, password_hash, code_step, failures, locked_until, code_failures,
       code_locked_until) SELECT name, password_hash, 0, failures, locked_until, 0, 0 FROM staff""",
)
HAS_A_DAY = "made BETWEEN 0 AND 253402300799"
"""Unix seconds of the years 1970 to 9999."""
OF_ITS_TYPES = "typeof(id) = 'blob' AND typeof(made) = 'integer' AND typeof(actor) = 'text' AND typeof(action) = 'text'"
"""SQLite takes text for bytes, and a fraction for a whole number; PostgreSQL does not."""
MOVED = ("password_hash", "failures", "locked_until")
TO_STAFF = """UPDATE staff SET password_hash = COALESCE((SELECT password_hash FROM sign_in_secret
              WHERE sign_in_secret.staff = staff.name), '')"""


def upgrade() -> None:
    """Make the tables, and move the passwords of accounts out of the one that the desk cannot write any more."""
    _people()
    _passkeys()
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else ():
        op.execute(sa.text(statement))
    for statement in FROM_STAFF:
        op.execute(sa.text(statement))
    for column in MOVED:
        op.drop_column("staff", column)
    op.add_column("staff_session", sa.Column("way", sa.String, nullable=False, server_default="password"))
    op.add_column("staff_session", sa.Column("failures", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    """Give the table of accounts its passwords again, and drop the rest; who has no password must be reset."""
    op.drop_column("staff_session", "failures")
    op.drop_column("staff_session", "way")
    op.add_column("staff", sa.Column("password_hash", sa.String, nullable=False, server_default=""))
    op.add_column("staff", sa.Column("failures", sa.Integer, nullable=False, server_default="0"))
    op.add_column("staff", sa.Column("locked_until", sa.BigInteger, nullable=False, server_default="0"))
    op.execute(sa.text(TO_STAFF))
    for table in NEW:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            sa.text("""
            DO $$ BEGIN
              IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sotto_desk') THEN
                GRANT UPDATE (failures, locked_until) ON staff TO sotto_desk;
              END IF;
            END $$
        """)
        )


def _people() -> None:
    op.create_table(
        "staff_role",
        _staff(),
        sa.Column("study", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("staff", "study"),
    )
    op.create_table(
        "sign_in_secret",
        _staff(),
        sa.Column("password_hash", sa.String),
        sa.Column("code_secret", sa.LargeBinary),
        sa.Column("code_step", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.BigInteger, nullable=False),
        sa.Column("code_failures", sa.Integer, nullable=False),
        sa.Column("code_locked_until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("staff"),
    )
    _keyed_by_bytes("recovery_code", "code_hash", _staff())
    op.create_index("ix_recovery_code_staff", "recovery_code", ["staff"])
    _keyed_by_bytes("sign_in_link", "token_hash", _staff(unique=True), _seconds("ends"))


def _passkeys() -> None:
    label = sa.Column("label", sa.String, nullable=False)
    _keyed_by_bytes("passkey", "credential", _staff(), *_key(), _seconds("sign_count"), label)
    _keyed_by_bytes("confirmed_passkey", "credential", _staff(), *_key())
    for table in ("passkey", "confirmed_passkey"):
        op.create_index(f"ix_{table}_staff", table, ["staff"])
    _keyed_by_bytes("used_challenge", "challenge_hash", _seconds("used"))
    actor = sa.Column("actor", sa.String, sa.ForeignKey("staff.name"), nullable=False)
    action = sa.Column("action", sa.String, nullable=False)
    # Whatever the desk writes here is read by every command of the owner: it has a day.
    _keyed_by_bytes("desk_act", "id", _seconds("made"), actor, action, sa.CheckConstraint(HAS_A_DAY), *_of_its_types())


def _of_its_types() -> tuple[sa.CheckConstraint, ...]:
    return (sa.CheckConstraint(OF_ITS_TYPES),) if op.get_bind().dialect.name == "sqlite" else ()


def _keyed_by_bytes(table: str, key: str, *columns: sa.Column[Any] | sa.CheckConstraint) -> None:
    op.create_table(table, sa.Column(key, sa.LargeBinary, nullable=False), *columns, sa.PrimaryKeyConstraint(key))


def _staff(*, unique: bool = False) -> sa.Column[Any]:
    return sa.Column("staff", sa.String, sa.ForeignKey("staff.name"), nullable=False, unique=unique)


def _key() -> tuple[sa.Column[Any], ...]:
    kinds = {"public_key": sa.LargeBinary, "origin": sa.String, "since": sa.Date}
    return tuple(sa.Column(name, kind, nullable=False) for name, kind in kinds.items())


def _seconds(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=False)
