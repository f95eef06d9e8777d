"""Staff read the audit chain at the desk; only the owner adds to it."""

import sqlalchemy as sa
from alembic import op

revision = "o4"
down_revision = "o3"
branch_labels = None
depends_on = None

GRANTED = """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sotto_desk') THEN
        GRANT SELECT ON audit TO sotto_desk;
      END IF;
    END $$
    """
REVOKED = GRANTED.replace("GRANT", "REVOKE").replace("audit TO", "audit FROM")


def upgrade() -> None:
    """Grant it; on SQLite the connection's authorizer says what the desk reads."""
    _run(GRANTED)


def downgrade() -> None:
    """Take it back."""
    _run(REVOKED)


def _run(statement: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text(statement))
