"""Tombstones: which answers were taken back; admitted while their wave is open, applied by compaction, kept."""

import sqlalchemy as sa
from alembic import op

revision = "a2"
down_revision = "a1"
branch_labels = None
depends_on = None

SEALED = """
    CREATE TRIGGER sealed_admits BEFORE INSERT ON sealed BEGIN
      SELECT RAISE(IGNORE) WHERE EXISTS (
        SELECT 1 FROM sealed WHERE row_key = NEW.row_key AND epoch = NEW.epoch AND record = NEW.record);
      SELECT RAISE(ABORT, 'sotto: taken') WHERE EXISTS (SELECT 1 FROM sealed WHERE row_key = NEW.row_key){spent};
      SELECT RAISE(ABORT, 'sotto: closed') WHERE NOT EXISTS (SELECT 1 FROM epoch WHERE id = NEW.epoch AND open = 1);
      SELECT RAISE(ABORT, 'sotto: size') WHERE typeof(NEW.record) <> 'blob' OR typeof(NEW.row_key) <> 'blob'
        OR NOT EXISTS (SELECT 1 FROM epoch WHERE id = NEW.epoch AND record_size = length(NEW.record));
    END
"""
SPENT = " OR EXISTS (SELECT 1 FROM withdrawn WHERE row_key = NEW.row_key)"
REMAINS = (
    "CREATE TRIGGER sealed_remains BEFORE DELETE ON sealed{but} BEGIN SELECT RAISE(ABORT, 'sotto: rows never go'); END"
)
# Who lost the answer to a withdrawal learns that it was taken, even after the close; a key that is no answer's leaves
# no row, so that nobody can fill the disk with inventions, and nobody is told whether there was such an answer.
ADMITS = """
    CREATE TRIGGER withdrawn_admits BEFORE INSERT ON withdrawn BEGIN
      SELECT RAISE(IGNORE) WHERE EXISTS (SELECT 1 FROM withdrawn WHERE row_key = NEW.row_key);
      SELECT RAISE(ABORT, 'sotto: closed') WHERE NOT EXISTS (SELECT 1 FROM epoch WHERE id = NEW.epoch AND open = 1);
      SELECT RAISE(IGNORE) WHERE NOT EXISTS (SELECT 1 FROM sealed WHERE row_key = NEW.row_key AND epoch = NEW.epoch);
    END
"""
GONE = " WHEN NOT EXISTS (SELECT 1 FROM withdrawn WHERE row_key = OLD.row_key AND epoch = OLD.epoch)"
SQLITE = (
    "DROP TRIGGER sealed_admits",
    SEALED.format(spent=SPENT),
    "DROP TRIGGER sealed_remains",
    REMAINS.format(but=GONE),
    ADMITS,
    "CREATE TRIGGER withdrawn_stays BEFORE UPDATE ON withdrawn BEGIN SELECT RAISE(ABORT, 'sotto: tombstones'); END",
    "CREATE TRIGGER withdrawn_remains BEFORE DELETE ON withdrawn BEGIN SELECT RAISE(ABORT, 'sotto: tombstones'); END",
)
SQLITE_BACK = (
    "DROP TRIGGER sealed_admits",
    SEALED.format(spent=""),
    "DROP TRIGGER sealed_remains",
    REMAINS.format(but=""),
)

SEALED_FUNCTION = """
    CREATE OR REPLACE FUNCTION sealed_admits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      wave record;
      stored public.sealed%ROWTYPE;
    BEGIN
      SELECT * INTO stored FROM public.sealed WHERE row_key = NEW.row_key;
      IF FOUND AND stored.epoch = NEW.epoch AND stored.record = NEW.record THEN
        RETURN NULL;
      ELSIF FOUND{spent} THEN
        RAISE EXCEPTION 'sotto: taken' USING ERRCODE = 'SO003';
      END IF;
      SELECT e.open, e.record_size INTO wave FROM public.epoch e WHERE e.id = NEW.epoch FOR SHARE;
      IF NOT FOUND OR NOT wave.open THEN
        RAISE EXCEPTION 'sotto: closed' USING ERRCODE = 'SO001';
      ELSIF length(NEW.record) <> wave.record_size THEN
        RAISE EXCEPTION 'sotto: size' USING ERRCODE = 'SO002';
      END IF;
      RETURN NEW;
    END $$
"""
POSTGRESQL = (
    SEALED_FUNCTION.format(spent=" OR EXISTS (SELECT FROM public.withdrawn w WHERE w.row_key = NEW.row_key)"),
    # FOR SHARE, as for a hand-in: a close waits for withdrawals in flight, and what waits for a close sees it closed.
    """
    CREATE FUNCTION withdrawn_admits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      wave record;
    BEGIN
      IF EXISTS (SELECT FROM public.withdrawn w WHERE w.row_key = NEW.row_key) THEN
        RETURN NULL;
      END IF;
      SELECT e.open INTO wave FROM public.epoch e WHERE e.id = NEW.epoch FOR SHARE;
      IF NOT FOUND OR NOT wave.open THEN
        RAISE EXCEPTION 'sotto: closed' USING ERRCODE = 'SO001';
      ELSIF NOT EXISTS (SELECT FROM public.sealed s WHERE s.row_key = NEW.row_key AND s.epoch = NEW.epoch) THEN
        RETURN NULL;
      END IF;
      RETURN NEW;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION withdrawn_admits() FROM PUBLIC",
    "CREATE TRIGGER withdrawn_admits BEFORE INSERT ON withdrawn FOR EACH ROW EXECUTE FUNCTION withdrawn_admits()",
    "CREATE TRIGGER withdrawn_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON withdrawn EXECUTE FUNCTION sealed_stays()",
    "REVOKE ALL ON withdrawn FROM PUBLIC",
    """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sotto_respond') THEN
        GRANT INSERT ON withdrawn TO sotto_respond;
      END IF;
    END $$
    """,
)


def upgrade() -> None:
    """Make the table, and let compaction delete what stands in it, and nothing else."""
    op.create_table(
        "withdrawn",
        sa.Column("row_key", sa.LargeBinary, nullable=False),
        sa.Column("epoch", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_key"),
        sa.CheckConstraint("length(row_key) = 32", "withdrawn_row_key_size"),
        sqlite_with_rowid=False,
    )
    _run(SQLITE if _is_sqlite() else POSTGRESQL)


def downgrade() -> None:
    """Drop the tombstones: spent tags are forgotten, answers that were compacted away stay away."""
    _run(SQLITE_BACK if _is_sqlite() else (SEALED_FUNCTION.format(spent=""),))
    op.drop_table("withdrawn")
    if not _is_sqlite():
        op.execute("DROP FUNCTION withdrawn_admits()")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _run(statements: tuple[str, ...]) -> None:
    for statement in statements:
        op.execute(sa.text(statement.replace(":", r"\:")))
