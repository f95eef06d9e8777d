"""Requests of staff to the operator: the desk adds them, the operator writes what came of each, nobody changes one."""

import sqlalchemy as sa
from alembic import op

revision = "o5"
down_revision = "o4"
branch_labels = None
depends_on = None

ROW_SIZES = "length(content) <= 4096 AND (assertion IS NULL OR length(assertion) <= 16384)"
FILE_SIZE = "length(content) <= 4194304"
"""Bytes, and characters of a signature: the desk adds rows that nobody can remove."""
ROW_TYPES = "typeof(content) = 'blob' AND (assertion IS NULL OR typeof(assertion) = 'text')"
FILE_TYPES = "typeof(content) = 'blob'"
"""SQLite takes text for bytes, and bytes for text; PostgreSQL does not."""
TABLES = ("request_result", "request_file", "request")
SQLITE = (
    *(
        f"CREATE TRIGGER {table}_{verb.lower()}_never BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'sotto: requests stay'); END"
        for table in ("request", "request_file")
        for verb in ("UPDATE", "DELETE")
    ),
    """
    CREATE TRIGGER request_result_ends BEFORE UPDATE ON request_result
    WHEN OLD.state IN ('done', 'refused') OR NEW.request <> OLD.request
    BEGIN SELECT RAISE(ABORT, 'sotto: a result stays'); END
    """,
    """
    CREATE TRIGGER request_result_remains BEFORE DELETE ON request_result
    BEGIN SELECT RAISE(ABORT, 'sotto: a result stays'); END
    """,
    # The last number would leave none for anybody else.
    """
    CREATE TRIGGER request_follows BEFORE INSERT ON request
    WHEN NEW.number <> 1 AND NOT EXISTS (SELECT number FROM request WHERE number = NEW.number - 1)
    BEGIN SELECT RAISE(ABORT, 'sotto: numbers of requests follow each other'); END
    """,
)
POSTGRESQL = (
    """
    CREATE FUNCTION request_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'sotto: requests stay' USING ERRCODE = 'SO004';
    END $$
    """,
    *(
        f"CREATE TRIGGER {table}_stays BEFORE {verbs} ON {table} EXECUTE FUNCTION request_stays()"
        for table, verbs in (
            ("request", "UPDATE OR DELETE OR TRUNCATE"),
            ("request_file", "UPDATE OR DELETE OR TRUNCATE"),
            ("request_result", "DELETE OR TRUNCATE"),
        )
    ),
    """
    CREATE FUNCTION request_result_ends() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.state IN ('done', 'refused') OR NEW.request <> OLD.request THEN
        RAISE EXCEPTION 'sotto: a result stays' USING ERRCODE = 'SO004';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER request_result_ends BEFORE UPDATE ON request_result
    FOR EACH ROW EXECUTE FUNCTION request_result_ends()
    """,
    """
    CREATE FUNCTION request_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.number <> 1 AND NOT EXISTS (SELECT FROM request WHERE number = NEW.number - 1) THEN
        RAISE EXCEPTION 'sotto: numbers of requests follow each other' USING ERRCODE = 'SO004';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER request_follows BEFORE INSERT ON request
    FOR EACH ROW EXECUTE FUNCTION request_follows()
    """,
    "REVOKE ALL ON request, request_file, request_result FROM PUBLIC",
    """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sotto_desk') THEN
        GRANT SELECT ON request, request_result TO sotto_desk;
        GRANT INSERT ON request, request_file TO sotto_desk;
      END IF;
    END $$
    """,
)


def upgrade() -> None:
    """Make the tables, then what keeps their rows as they are, and the desk's grants."""
    op.create_table(
        "request",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("assertion", sa.String),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("hash"),
        *_checks(ROW_SIZES, ROW_TYPES),
    )
    op.create_table(
        "request_file",
        sa.Column("request", sa.Integer, sa.ForeignKey("request.number"), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("request", "name"),
        *_checks(FILE_SIZE, FILE_TYPES),
    )
    op.create_table(
        "request_result",
        sa.Column("request", sa.Integer, sa.ForeignKey("request.number"), nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("words", sa.String, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("request"),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Drop the tables, requests included."""
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for function in ("request_stays", "request_result_ends", "request_follows"):
            op.execute(sa.text(f"DROP FUNCTION {function}()"))


def _checks(sizes: str, types: str) -> tuple[sa.CheckConstraint, ...]:
    own = (sizes, types) if op.get_bind().dialect.name == "sqlite" else (sizes,)
    return tuple(sa.CheckConstraint(check) for check in own)
