"""Alembic's entry for the answers database: runs over the one connection that survey.database.migration gives it."""

from alembic import context

from survey.answers_db.tables import AnswersDatabase
from survey.database.migration import run

run(context, AnswersDatabase.metadata)
