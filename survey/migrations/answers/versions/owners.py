"""Tombstones that hold their owner's secret w until they are applied, spent row keys, and rows that were set aside."""

import sqlalchemy as sa
from alembic import op

revision = "a4"
down_revision = "a3"
branch_labels = None
depends_on = None

# A key whose answer was withdrawn stays spent. A tombstone alone spends nothing: whoever could plant one would keep the
# true answer, or the true tombstone, out.
SQLITE = (
    "DROP TRIGGER sealed_admits",
    "DROP TRIGGER sealed_remains",
    "DROP TABLE withdrawn",
    """
    CREATE TABLE withdrawn (w BLOB NOT NULL, row_key BLOB NOT NULL, epoch BLOB NOT NULL, PRIMARY KEY (w),
      CONSTRAINT withdrawn_sizes CHECK (length(w) = 32 AND length(row_key) = 32)) WITHOUT ROWID
    """,
    """
    CREATE TABLE spent_key (row_key BLOB NOT NULL, epoch BLOB NOT NULL, PRIMARY KEY (row_key),
      CONSTRAINT spent_key_size CHECK (length(row_key) = 32)) WITHOUT ROWID
    """,
    """
    CREATE TABLE refused (id BLOB NOT NULL, row_key BLOB NOT NULL, epoch BLOB NOT NULL, record BLOB NOT NULL,
      PRIMARY KEY (id), CONSTRAINT refused_id_size CHECK (length(id) = 32)) WITHOUT ROWID
    """,
    """
    CREATE TRIGGER sealed_admits BEFORE INSERT ON sealed BEGIN
      SELECT RAISE(IGNORE) WHERE EXISTS (
        SELECT 1 FROM sealed WHERE row_key = NEW.row_key AND epoch = NEW.epoch AND record = NEW.record);
      SELECT RAISE(ABORT, 'sotto: taken') WHERE EXISTS (SELECT 1 FROM sealed WHERE row_key = NEW.row_key)
        OR EXISTS (SELECT 1 FROM spent_key WHERE row_key = NEW.row_key);
      SELECT RAISE(ABORT, 'sotto: closed') WHERE NOT EXISTS (SELECT 1 FROM epoch WHERE id = NEW.epoch AND open = 1);
      SELECT RAISE(ABORT, 'sotto: size') WHERE typeof(NEW.record) <> 'blob' OR typeof(NEW.row_key) <> 'blob'
        OR NOT EXISTS (SELECT 1 FROM epoch WHERE id = NEW.epoch AND record_size = length(NEW.record));
    END
    """,
    """
    CREATE TRIGGER sealed_remains BEFORE DELETE ON sealed
    WHEN NOT EXISTS (SELECT 1 FROM spent_key WHERE row_key = OLD.row_key AND epoch = OLD.epoch)
      AND NOT EXISTS (SELECT 1 FROM refused
        WHERE row_key = OLD.row_key AND epoch = OLD.epoch AND record = OLD.record)
    BEGIN SELECT RAISE(ABORT, 'sotto: rows never go'); END
    """,
    """
    CREATE TRIGGER withdrawn_admits BEFORE INSERT ON withdrawn BEGIN
      SELECT RAISE(IGNORE) WHERE EXISTS (SELECT 1 FROM withdrawn WHERE w = NEW.w)
        OR EXISTS (SELECT 1 FROM spent_key WHERE row_key = NEW.row_key AND epoch = NEW.epoch);
      SELECT RAISE(ABORT, 'sotto: size') WHERE typeof(NEW.w) <> 'blob' OR typeof(NEW.row_key) <> 'blob';
      SELECT RAISE(ABORT, 'sotto: closed') WHERE NOT EXISTS (SELECT 1 FROM epoch WHERE id = NEW.epoch AND open = 1);
      SELECT RAISE(IGNORE) WHERE NOT EXISTS (SELECT 1 FROM sealed WHERE row_key = NEW.row_key AND epoch = NEW.epoch);
    END
    """,
    "CREATE TRIGGER withdrawn_stays BEFORE UPDATE ON withdrawn BEGIN SELECT RAISE(ABORT, 'sotto: tombstones'); END",
    "CREATE TRIGGER spent_key_stays BEFORE UPDATE ON spent_key BEGIN SELECT RAISE(ABORT, 'sotto: spent keys'); END",
    "CREATE TRIGGER spent_key_remains BEFORE DELETE ON spent_key BEGIN SELECT RAISE(ABORT, 'sotto: spent keys'); END",
    "CREATE TRIGGER refused_stays BEFORE UPDATE ON refused BEGIN SELECT RAISE(ABORT, 'sotto: refused rows'); END",
    "CREATE TRIGGER refused_remains BEFORE DELETE ON refused BEGIN SELECT RAISE(ABORT, 'sotto: refused rows'); END",
)

POSTGRESQL = (
    "DROP TABLE withdrawn",
    """
    CREATE TABLE withdrawn (w bytea PRIMARY KEY, row_key bytea NOT NULL, epoch bytea NOT NULL,
      CONSTRAINT withdrawn_sizes CHECK (length(w) = 32 AND length(row_key) = 32))
    """,
    """
    CREATE TABLE spent_key (row_key bytea PRIMARY KEY, epoch bytea NOT NULL,
      CONSTRAINT spent_key_size CHECK (length(row_key) = 32))
    """,
    """
    CREATE TABLE refused (id bytea PRIMARY KEY, row_key bytea NOT NULL, epoch bytea NOT NULL, record bytea NOT NULL,
      CONSTRAINT refused_id_size CHECK (length(id) = 32))
    """,
    "ALTER TABLE refused ALTER COLUMN record SET STORAGE EXTERNAL",
    # The labels of crypto/envelope.py and crypto/tokens.py: "sotto tag" 00 and "sotto owner" 00.
    r"""
    CREATE FUNCTION row_key_of(t bytea) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT
    SET search_path = pg_catalog, pg_temp AS $$ SELECT sha256('\x736f74746f2074616700'::bytea || t) $$
    """,
    r"""
    CREATE FUNCTION owner_hash(w bytea) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT
    SET search_path = pg_catalog, pg_temp AS $$ SELECT sha256('\x736f74746f206f776e657200'::bytea || w) $$
    """,
    "REVOKE EXECUTE ON FUNCTION row_key_of(bytea), owner_hash(bytea) FROM PUBLIC",
    # In the trigger and not in a CHECK, whose error would write the row into the server's log. The 352 bytes before the
    # envelope are zeros on an open link; t is their first 32.
    """
    CREATE OR REPLACE FUNCTION sealed_admits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      wave record;
      stored public.sealed%ROWTYPE;
    BEGIN
      SELECT * INTO stored FROM public.sealed WHERE row_key = NEW.row_key;
      IF FOUND AND stored.epoch = NEW.epoch AND stored.record = NEW.record THEN
        RETURN NULL;
      ELSIF FOUND OR EXISTS (SELECT FROM public.spent_key s WHERE s.row_key = NEW.row_key) THEN
        RAISE EXCEPTION 'sotto: taken' USING ERRCODE = 'SO003';
      END IF;
      SELECT e.open, e.record_size INTO wave FROM public.epoch e WHERE e.id = NEW.epoch FOR SHARE;
      IF NOT FOUND OR NOT wave.open THEN
        RAISE EXCEPTION 'sotto: closed' USING ERRCODE = 'SO001';
      ELSIF length(NEW.record) <> wave.record_size THEN
        RAISE EXCEPTION 'sotto: size' USING ERRCODE = 'SO002';
      ELSIF NEW.row_key <> (
          CASE WHEN substring(NEW.record FOR 352) = decode(repeat('00', 352), 'hex')
          THEN sha256(substring(NEW.record FROM 353))
          ELSE public.row_key_of(substring(NEW.record FOR 32)) END) THEN
        RAISE EXCEPTION 'sotto: row key' USING ERRCODE = 'SO006';
      END IF;
      RETURN NEW;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION withdrawn_admits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      wave record;
    BEGIN
      IF EXISTS (SELECT FROM public.withdrawn x WHERE x.w = NEW.w)
          OR EXISTS (SELECT FROM public.spent_key s WHERE s.row_key = NEW.row_key AND s.epoch = NEW.epoch) THEN
        RETURN NULL;
      END IF;
      SELECT e.open INTO wave FROM public.epoch e WHERE e.id = NEW.epoch FOR SHARE;
      IF NOT FOUND OR NOT wave.open THEN
        RAISE EXCEPTION 'sotto: closed' USING ERRCODE = 'SO001';
      ELSIF NEW.row_key <> public.row_key_of(public.owner_hash(NEW.w)) THEN
        RAISE EXCEPTION 'sotto: row key' USING ERRCODE = 'SO006';
      ELSIF NOT EXISTS (SELECT FROM public.sealed s WHERE s.row_key = NEW.row_key AND s.epoch = NEW.epoch) THEN
        RETURN NULL;
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER withdrawn_admits BEFORE INSERT ON withdrawn FOR EACH ROW EXECUTE FUNCTION withdrawn_admits()",
    "CREATE TRIGGER withdrawn_stays BEFORE UPDATE OR TRUNCATE ON withdrawn EXECUTE FUNCTION sealed_stays()",
    "CREATE TRIGGER spent_key_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON spent_key EXECUTE FUNCTION sealed_stays()",
    "CREATE TRIGGER refused_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON refused EXECUTE FUNCTION sealed_stays()",
    "REVOKE ALL ON withdrawn, spent_key, refused FROM PUBLIC",
    """
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'sotto_respond') THEN
        GRANT INSERT ON withdrawn TO sotto_respond;
      END IF;
    END $$
    """,
)


def upgrade() -> None:
    """Make the tables anew: tombstones of the first protocol do not hold w, and its records are of no wave now."""
    _run(SQLITE if _is_sqlite() else POSTGRESQL)


def downgrade() -> None:
    """Go back to the first protocol's tombstones: spent keys and rows that were set aside are forgotten."""
    _run(tuple(f"DROP TABLE {table}" for table in ("withdrawn", "spent_key", "refused")))
    if not _is_sqlite():
        functions = "withdrawn_admits()", "row_key_of(bytea)", "owner_hash(bytea)"
        _run(tuple(f"DROP FUNCTION {function}" for function in functions))
    op.get_context().opts["script"].get_revision("a2").module.upgrade()


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _run(statements: tuple[str, ...]) -> None:
    for statement in statements:
        op.execute(sa.text(statement.replace(":", r"\:")))
