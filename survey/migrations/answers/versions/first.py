"""Epochs and sealed rows, and the triggers that admit a row only to an open epoch and never let one change."""

import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None
branch_labels = None
depends_on = None

# Decision 9.
SQLITE = (
    # An identical row is let pass silently even when the epoch has closed: it is stored, as its sender should learn.
    """
    CREATE TRIGGER sealed_admits BEFORE INSERT ON sealed BEGIN
      SELECT RAISE(IGNORE) WHERE EXISTS (
        SELECT 1 FROM sealed WHERE row_key = NEW.row_key AND epoch = NEW.epoch AND record = NEW.record);
      SELECT RAISE(ABORT, 'sotto: taken') WHERE EXISTS (SELECT 1 FROM sealed WHERE row_key = NEW.row_key);
      SELECT RAISE(ABORT, 'sotto: closed') WHERE NOT EXISTS (SELECT 1 FROM epoch WHERE id = NEW.epoch AND open = 1);
      SELECT RAISE(ABORT, 'sotto: size') WHERE typeof(NEW.record) <> 'blob' OR typeof(NEW.row_key) <> 'blob'
        OR NOT EXISTS (SELECT 1 FROM epoch WHERE id = NEW.epoch AND record_size = length(NEW.record));
    END
    """,
    "CREATE TRIGGER sealed_stays BEFORE UPDATE ON sealed BEGIN SELECT RAISE(ABORT, 'sotto: rows never change'); END",
    "CREATE TRIGGER sealed_remains BEFORE DELETE ON sealed BEGIN SELECT RAISE(ABORT, 'sotto: rows never go'); END",
    """
    CREATE TRIGGER epoch_closes_once BEFORE UPDATE ON epoch
    WHEN NEW.id <> OLD.id OR NEW.record_size <> OLD.record_size OR NEW.open > OLD.open
    BEGIN SELECT RAISE(ABORT, 'sotto: an epoch only closes'); END
    """,
    """
    CREATE TRIGGER epoch_once BEFORE INSERT ON epoch WHEN EXISTS (SELECT 1 FROM epoch WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'sotto: an epoch opens once'); END
    """,
    "CREATE TRIGGER epoch_remains BEFORE DELETE ON epoch BEGIN SELECT RAISE(ABORT, 'sotto: epochs remain'); END",
)

POSTGRESQL = (
    # FOR SHARE makes a close wait for the hand-ins in flight, and a hand-in that waits for a close see it closed.
    """
    CREATE FUNCTION sealed_admits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      wave record;
      stored public.sealed%ROWTYPE;
    BEGIN
      SELECT * INTO stored FROM public.sealed WHERE row_key = NEW.row_key;
      IF FOUND AND stored.epoch = NEW.epoch AND stored.record = NEW.record THEN
        RETURN NULL;
      ELSIF FOUND THEN
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
    """,
    "REVOKE EXECUTE ON FUNCTION sealed_admits() FROM PUBLIC",
    "CREATE TRIGGER sealed_admits BEFORE INSERT ON sealed FOR EACH ROW EXECUTE FUNCTION sealed_admits()",
    """
    CREATE FUNCTION sealed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'sotto: sealed rows never change and never go' USING ERRCODE = 'SO004';
    END $$
    """,
    "CREATE TRIGGER sealed_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON sealed EXECUTE FUNCTION sealed_stays()",
    """
    CREATE FUNCTION epoch_closes_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' AND NEW.id = OLD.id AND NEW.record_size = OLD.record_size AND NEW.open <= OLD.open THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION 'sotto: an epoch opens once and closes once' USING ERRCODE = 'SO004';
    END $$
    """,
    """
    CREATE TRIGGER epoch_closes_once BEFORE UPDATE OR DELETE ON epoch
    FOR EACH ROW EXECUTE FUNCTION epoch_closes_once()
    """,
    # Ciphertext does not compress; out of line, chunks would be numbered in the order of arrival until compaction.
    "ALTER TABLE sealed ALTER COLUMN record SET STORAGE EXTERNAL",
    "REVOKE ALL ON sealed, epoch, alembic_version FROM PUBLIC",
    """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sotto_respond') THEN
        GRANT INSERT ON sealed TO sotto_respond;
        GRANT SELECT ON alembic_version TO sotto_respond;
      END IF;
    END $$
    """,
)


def upgrade() -> None:
    """Make both tables, then their triggers and grants."""
    op.create_table(
        "epoch",
        sa.Column("id", sa.LargeBinary, nullable=False),
        sa.Column("record_size", sa.Integer, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("length(id) = 8", "epoch_id_size"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sealed",
        sa.Column("row_key", sa.LargeBinary, nullable=False),
        sa.Column("epoch", sa.LargeBinary, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("row_key"),
        sa.CheckConstraint("length(row_key) = 32", "sealed_row_key_size"),
        sqlite_with_rowid=False,
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Drop everything, answers included."""
    op.drop_table("sealed")
    op.drop_table("epoch")
    if op.get_bind().dialect.name == "postgresql":
        for function in ("sealed_admits", "sealed_stays", "epoch_closes_once"):
            op.execute(sa.text(f"DROP FUNCTION {function}()"))
