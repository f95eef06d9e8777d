"""PostgreSQL keeps no statistics of the tables that respondents fill: they hold row keys, and count rows."""

import sqlalchemy as sa
from alembic import op

revision = "a5"
down_revision = "a4"
branch_labels = None
depends_on = None

# Decision 121.
TABLES = ("sealed", "withdrawn", "spent_key", "refused", "spent_work")
# Before the first ANALYZE: later it leaves the keys that are in the statistics already.
COLUMNS = """
    SELECT format('ALTER TABLE public.%I ALTER COLUMN %I SET STATISTICS {target}', relname, attname)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND relname = ANY (:tables) AND attnum > 0 AND NOT attisdropped
"""


def upgrade() -> None:
    """Switch statistics off; compaction rewrites these tables each day, so that nothing is left to vacuum."""
    _set("SET (autovacuum_enabled = false, toast.autovacuum_enabled = false)", target=0)


def downgrade() -> None:
    """Switch statistics on again."""
    _set("RESET (autovacuum_enabled, toast.autovacuum_enabled)", target=-1)


def _set(options: str, target: int) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    columns = connection.execute(sa.text(COLUMNS.format(target=target)), {"tables": list(TABLES)}).scalars().all()
    for statement in (*(f"ALTER TABLE public.{table} {options}" for table in TABLES), *columns):
        op.execute(sa.text(statement))
