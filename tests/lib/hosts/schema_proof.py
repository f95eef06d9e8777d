"""What must hold of both schemas on every kind of database; SQLite's and PostgreSQL's tests each run it."""

import datetime as dt
from hashlib import sha256

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect, select

from survey.answers_db.tables import AnswersDatabase
from survey.database.engine import connect
from survey.database.migration import downgrade, upgrade
from survey.database.schema_version import REVISIONS, require_migrated
from survey.office_db import invitations, requests, tables  # noqa: F401 - each declares its tables on the one registry
from survey.office_db.base import StaffDatabase
from survey.office_db.people import tables as people  # noqa: F401

MODELS = {"answers": AnswersDatabase.metadata, "office": StaffDatabase.metadata}


class SchemaProof:
    """The tests; a module with a fixture `url`, the address of an empty database, runs them by a subclass."""

    @pytest.mark.parametrize("branch", ["answers", "office"])
    def test_up_down_up(self, url, branch):
        """Going down leaves no table but Alembic's own, and going up again gives the same schema."""
        engine = connect(url, guard=None, create=True)
        upgrade(engine, branch)
        first = described(engine)
        downgrade(engine, branch)
        assert {"alembic_version"} == set(inspect(engine).get_table_names())
        upgrade(engine, branch)
        assert first == described(engine)
        require_migrated(engine, branch)
        engine.dispose()

    @pytest.mark.parametrize("branch", ["answers", "office"])
    def test_the_schema_is_what_the_models_say(self, url, branch):
        """Alembic finds no difference between the migrated database and the models."""
        engine = connect(url, guard=None, create=True)
        upgrade(engine, branch)
        with engine.connect() as connection:
            differences = compare_metadata(MigrationContext.configure(connection), MODELS[branch])
            missing = compare_metadata(
                MigrationContext.configure(connection), MODELS["office" if branch == "answers" else "answers"]
            )
        engine.dispose()
        assert [] == differences
        assert missing, "the control: the models of the other database differ"

    @pytest.mark.parametrize(
        ("branch", "revision"), [(branch, one) for branch, every in REVISIONS.items() for one in every]
    )
    def test_every_version_goes_forward_with_its_rows(self, url, branch, revision):
        """Rows in every table of any version are all there, in every column, in the newest; it has the one schema."""
        engine = connect(url, guard=None, create=True)
        upgrade(engine, branch, revision)
        before = filled(engine)
        assert all(before.values()), "the control: every table has a row"
        upgrade(engine, branch)
        after = rows_of(engine)
        for table in before.keys() - MADE_ANEW.get(revision, frozenset()):
            assert before[table] == [
                {name: row[name] if name in row else moved[name] for name in before[table][0]}
                for row, moved in zip(after[table], after[MOVED.get(table, table)], strict=True)
            ], table
        schema = described(engine)
        downgrade(engine, branch)
        upgrade(engine, branch)
        assert schema == described(engine)
        engine.dispose()

    def test_no_time_is_kept_of_a_respondent(self, url):
        """The answers database has exactly these columns: no time, no number, no address. A new one fails here."""
        engine = connect(url, guard=None, create=True)
        upgrade(engine, "answers")
        names = {*inspect(engine).get_table_names()} - {"alembic_version"}
        columns = {name: [c["name"] for c in inspect(engine).get_columns(name)] for name in names}
        engine.dispose()
        assert columns == {
            "epoch": ["id", "record_size", "open"],
            "sealed": ["row_key", "epoch", "record"],
            "withdrawn": ["w", "row_key", "epoch"],
            "spent_key": ["row_key", "epoch"],
            "refused": ["id", "row_key", "epoch", "record"],
            "spent_work": ["id", "proof", "day"],
        }


MADE_ANEW = {revision: frozenset({"withdrawn"}) for revision in ("a2", "a3")}
"""What a later migration says that it does not keep: tombstones of the first protocol."""
MOVED = {"staff": "sign_in_secret"}
"""Where columns of a table went that it has no more, in a row each."""
EPOCH, KEY = b"8 bytes.", bytes(32)
TAG = sha256(b"sotto owner\0" + KEY).digest()
RECORD, ROW_KEY = TAG + bytes(368), sha256(b"sotto tag\0" + TAG).digest()
"""A record of an owner whose secret is KEY, as crypto/tokens.py makes its tag and crypto/envelope.py its row key."""
VALUES = {
    "id": EPOCH, "epoch": EPOCH, "record_size": len(RECORD), "record": RECORD, "row_key": ROW_KEY,
    "open": True, "code_hash": KEY, "batch": EPOCH, "invited": 2, "issued": None, "action": "compacted",
    "value": "0" * 32,
}  # fmt: skip
"""What columns hold, by their names; all others a value of their type."""
BY_TYPE = {str: "text", int: 1, bytes: KEY, dt.date: dt.date(2026, 11, 1), bool: True, object: {"en": "text"}}


def filled(engine) -> dict[str, list[dict[str, object]]]:
    """Put a row into each table; return what is then in them."""
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name != "alembic_version":
                connection.execute(table.insert(), {column.name: _value(table, column) for column in table.columns})
    return rows_of(engine)


def rows_of(engine) -> dict[str, list[dict[str, object]]]:
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
            if table.name != "alembic_version"
        }


def _value(table, column) -> object:
    if (table.name, column.name) in {("refused", "id"), ("spent_work", "id"), ("spent_key", "row_key")}:
        return KEY
    return VALUES[column.name] if column.name in VALUES else BY_TYPE[column.type.python_type]


def described(engine) -> object:
    inspector = inspect(engine)
    return {
        name: (
            repr(inspector.get_columns(name)),
            repr(inspector.get_pk_constraint(name)),
            repr(inspector.get_indexes(name)),
        )
        for name in sorted(inspector.get_table_names())
    }
