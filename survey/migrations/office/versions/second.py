"""Batches of invitations and their codes' hashes; a trigger lets a code be used once, whoever asks."""

import sqlalchemy as sa
from alembic import op

revision = "o2"
down_revision = "o1"
branch_labels = None
depends_on = None

SQLITE = (
    """
    CREATE TRIGGER invitation_once BEFORE UPDATE ON invitation
    WHEN OLD.blinded_hash IS NOT NULL OR NEW.code_hash <> OLD.code_hash OR NEW.batch <> OLD.batch
    BEGIN SELECT RAISE(ABORT, 'sotto: an invitation is used once'); END
    """,
    """
    CREATE TRIGGER batch_closes_once BEFORE UPDATE ON batch
    WHEN NEW.id <> OLD.id OR NEW.study <> OLD.study OR NEW.wave <> OLD.wave OR NEW.name <> OLD.name
      OR NEW.stratum <> OLD.stratum OR NEW.invited <> OLD.invited OR NEW.open > OLD.open OR OLD.issued IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'sotto: a batch only closes'); END
    """,
    "CREATE TRIGGER batch_remains BEFORE DELETE ON batch BEGIN SELECT RAISE(ABORT, 'sotto: batches remain'); END",
)
POSTGRESQL = (
    """
    CREATE FUNCTION invitation_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.blinded_hash IS NOT NULL OR NEW.code_hash <> OLD.code_hash OR NEW.batch <> OLD.batch THEN
        RAISE EXCEPTION 'sotto: an invitation is used once' USING ERRCODE = 'SO004';
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER invitation_once BEFORE UPDATE ON invitation FOR EACH ROW EXECUTE FUNCTION invitation_once()",
    """
    CREATE FUNCTION batch_closes_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' AND NEW.id = OLD.id AND NEW.study = OLD.study AND NEW.wave = OLD.wave
        AND NEW.name = OLD.name AND NEW.stratum = OLD.stratum AND NEW.invited = OLD.invited
        AND NEW.open <= OLD.open AND OLD.issued IS NULL THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION 'sotto: a batch only closes' USING ERRCODE = 'SO004';
    END $$
    """,
    """
    CREATE TRIGGER batch_closes_once BEFORE UPDATE OR DELETE ON batch
    FOR EACH ROW EXECUTE FUNCTION batch_closes_once()
    """,
    "REVOKE ALL ON batch, invitation FROM PUBLIC",
    """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sotto_issuer') THEN
        GRANT SELECT ON batch, invitation, alembic_version TO sotto_issuer;
        GRANT UPDATE (blinded_hash) ON invitation TO sotto_issuer;
      END IF;
    END $$
    """,
)


def upgrade() -> None:
    """Make both tables, then their triggers and grants."""
    op.create_table(
        "batch",
        sa.Column("id", sa.LargeBinary, nullable=False),
        sa.Column("study", sa.String, sa.ForeignKey("study.slug"), nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("stratum", sa.String, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("invited", sa.Integer, nullable=False),
        sa.Column("issued", sa.Integer),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("study", "wave", "name"),
        sa.CheckConstraint("length(id) = 8", "batch_id_size"),
        sa.CheckConstraint("issued <= invited", "batch_issues_what_was_invited"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "invitation",
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.Column("batch", sa.LargeBinary, sa.ForeignKey("batch.id"), nullable=False),
        sa.Column("blinded_hash", sa.LargeBinary),
        sa.PrimaryKeyConstraint("code_hash"),
        sa.CheckConstraint("length(code_hash) = 32", "invitation_code_hash_size"),
        sa.CheckConstraint("length(blinded_hash) = 32", "invitation_blinded_hash_size"),
        sqlite_with_rowid=False,
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Drop both tables, codes included."""
    op.drop_table("invitation")
    op.drop_table("batch")
    if op.get_bind().dialect.name == "postgresql":
        for function in ("invitation_once", "batch_closes_once"):
            op.execute(sa.text(f"DROP FUNCTION {function}()"))
