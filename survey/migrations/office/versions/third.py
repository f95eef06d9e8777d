"""The day of the last compaction, one row: the desk reads it, and nothing of the audit chain."""

import sqlalchemy as sa
from alembic import op

revision = "o3"
down_revision = "o2"
branch_labels = None
depends_on = None

POSTGRESQL = (
    "REVOKE ALL ON last_compaction FROM PUBLIC",
    """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sotto_desk') THEN
        GRANT SELECT ON last_compaction TO sotto_desk;
      END IF;
    END $$
    """,
)
BEFORE = "INSERT INTO last_compaction SELECT max(day) FROM audit WHERE action = 'compacted' HAVING max(day) IS NOT NULL"
"""Where it was noted until now; the acts of then stay in the chain."""


def upgrade() -> None:
    """Make the table, with the day that was noted as an act."""
    op.create_table("last_compaction", sa.Column("day", sa.Date, nullable=False), sa.PrimaryKeyConstraint("day"))
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else ():
        op.execute(sa.text(statement))
    op.execute(sa.text(BEFORE))


def downgrade() -> None:
    """Drop it."""
    op.drop_table("last_compaction")
