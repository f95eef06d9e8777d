"""Proofs of work that were used: each for one row, kept until it could be used no more."""

import sqlalchemy as sa
from alembic import op

revision = "a3"
down_revision = "a2"
branch_labels = None
depends_on = None

SQLITE = (
    """
    CREATE TRIGGER spent_work_admits BEFORE INSERT ON spent_work BEGIN
      SELECT RAISE(IGNORE) WHERE EXISTS (SELECT 1 FROM spent_work WHERE id = NEW.id AND proof = NEW.proof);
      SELECT RAISE(ABORT, 'sotto: spent') WHERE EXISTS (SELECT 1 FROM spent_work WHERE id = NEW.id);
    END
    """,
    "CREATE TRIGGER spent_work_stays BEFORE UPDATE ON spent_work BEGIN SELECT RAISE(ABORT, 'sotto: spent work'); END",
)
POSTGRESQL = (
    # The lock makes the second of two at once wait for the first one's commit, and see it; the primary key alone would
    # let it pass in silence.
    """
    CREATE FUNCTION spent_work_admits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock(('x' || encode(substring(NEW.id FOR 8), 'hex'))::bit(64)::bigint);
      IF EXISTS (SELECT FROM public.spent_work w WHERE w.id = NEW.id AND w.proof = NEW.proof) THEN
        RETURN NULL;
      ELSIF EXISTS (SELECT FROM public.spent_work w WHERE w.id = NEW.id) THEN
        RAISE EXCEPTION 'sotto: spent' USING ERRCODE = 'SO005';
      END IF;
      RETURN NEW;
    END $$
    """,
    "REVOKE EXECUTE ON FUNCTION spent_work_admits() FROM PUBLIC",
    "CREATE TRIGGER spent_work_admits BEFORE INSERT ON spent_work FOR EACH ROW EXECUTE FUNCTION spent_work_admits()",
    "CREATE TRIGGER spent_work_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON spent_work EXECUTE FUNCTION sealed_stays()",
    "REVOKE ALL ON spent_work FROM PUBLIC",
    """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sotto_respond') THEN
        GRANT INSERT ON spent_work TO sotto_respond;
      END IF;
    END $$
    """,
)


def upgrade() -> None:
    """Make the table, its triggers and its grant."""
    op.create_table(
        "spent_work",
        sa.Column("id", sa.LargeBinary, nullable=False),
        sa.Column("proof", sa.LargeBinary, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("length(id) = 32 AND length(proof) = 32", "spent_work_sizes"),
        sqlite_with_rowid=False,
    )
    for statement in SQLITE if _is_sqlite() else POSTGRESQL:
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Drop the table: challenges of the last hour could be used once more."""
    op.drop_table("spent_work")
    if not _is_sqlite():
        op.execute("DROP FUNCTION spent_work_admits()")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
