"""Accounts, sessions, documents, studies, waves, plans, releases and the append-only audit chain."""

import sqlalchemy as sa
from alembic import op

revision = "o1"
down_revision = None
branch_labels = None
depends_on = None

SQLITE = (
    "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'sotto: acts are never changed'); END",
    "CREATE TRIGGER audit_remains BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'sotto: acts never go away'); END",
)
POSTGRESQL = (
    """
    CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'sotto: the audit chain only grows' USING ERRCODE = 'SO004';
    END $$
    """,
    "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION audit_stays()",
    "REVOKE ALL ON staff, staff_session, document, study, wave, plan, release, audit, alembic_version FROM PUBLIC",
    """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sotto_desk') THEN
        GRANT SELECT ON staff, document, study, wave, plan, release, alembic_version TO sotto_desk;
        GRANT UPDATE (failures, locked_until) ON staff TO sotto_desk;
        GRANT SELECT, INSERT, UPDATE, DELETE ON staff_session TO sotto_desk;
      END IF;
    END $$
    """,
)


def upgrade() -> None:
    """Make the tables in the order in which they name each other."""
    _people()
    _studies()
    _results()
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("actor", "action", "subject", "previous", "entry")),
        sa.PrimaryKeyConstraint("sequence"),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Drop everything."""
    for table in ("audit", "release", "plan", "wave", "study", "document", "staff_session", "staff"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION audit_stays()"))


def _people() -> None:
    op.create_table(
        "staff",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("password_hash", sa.String, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.BigInteger, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("staff", sa.String, sa.ForeignKey("staff.name"), nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_staff_session_staff", "staff_session", ["staff"])


def _studies() -> None:
    op.create_table(
        "document",
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "study",
        sa.Column("slug", sa.String, nullable=False),
        sa.Column("source", sa.String, sa.ForeignKey("document.hash"), nullable=False),
        sa.Column("questionnaire", sa.String, sa.ForeignKey("document.hash"), nullable=False),
        sa.Column("texts", sa.JSON, nullable=False),
        sa.Column("lacking", sa.JSON, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_table(
        "wave",
        sa.Column("study", sa.String, sa.ForeignKey("study.slug"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("manifest", sa.String, sa.ForeignKey("document.hash"), nullable=False),
        sa.Column("epoch", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("record_size", sa.Integer, nullable=False),
        sa.Column("enough", sa.Integer, nullable=False),
        sa.Column("target", sa.Integer, nullable=False),
        sa.Column("fieldwork", sa.String, nullable=False),
        sa.Column("opened", sa.Date, nullable=False),
        sa.Column("closed", sa.Date),
        sa.Column("box_root", sa.String),
        sa.Column("box_count", sa.Integer),
        sa.PrimaryKeyConstraint("study", "number"),
    )


def _results() -> None:
    op.create_table(
        "plan",
        sa.Column("hash", sa.String, sa.ForeignKey("document.hash"), nullable=False),
        sa.Column("study", sa.String, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("nano_rho", sa.BigInteger, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "release",
        sa.Column("hash", sa.String, sa.ForeignKey("document.hash"), nullable=False),
        sa.Column("study", sa.String, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("plan", sa.String, sa.ForeignKey("plan.hash"), nullable=False, unique=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
