"""What must hold of both schemas on every kind of database; SQLite's and PostgreSQL's tests each run it."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from survey.answers_db.tables import AnswersDatabase
from survey.database.engine import connect
from survey.database.migration import downgrade, upgrade
from survey.database.schema_version import require_migrated
from survey.office_db import invitations, tables  # noqa: F401 - both declare their tables on the one registry
from survey.office_db.base import StaffDatabase

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
