"""The values of days that requests name: the owner gives them out, nobody changes one, the desk reads them."""

import sqlalchemy as sa
from alembic import op

revision = "o7"
down_revision = "o6"
branch_labels = None
depends_on = None

SQLITE = (
    """
    CREATE TRIGGER request_day_stays BEFORE UPDATE ON request_day
    BEGIN SELECT RAISE(ABORT, 'sotto: the value of a day stays'); END
    """,
)
POSTGRESQL = (
    """
    CREATE FUNCTION request_day_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'sotto: the value of a day stays' USING ERRCODE = 'SO004';
    END $$
    """,
    "CREATE TRIGGER request_day_stays BEFORE UPDATE ON request_day EXECUTE FUNCTION request_day_stays()",
    "REVOKE ALL ON request_day FROM PUBLIC",
    """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sotto_desk') THEN
        GRANT SELECT ON request_day TO sotto_desk;
      END IF;
    END $$
    """,
)


def upgrade() -> None:
    """Make the table, what keeps its rows as they are, and the desk's grant."""
    op.create_table(
        "request_day",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("day"),
        sa.UniqueConstraint("value"),
        sa.CheckConstraint("length(value) = 32"),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Drop it."""
    op.drop_table("request_day")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION request_day_stays()"))
