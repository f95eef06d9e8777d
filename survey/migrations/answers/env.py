"""Alembic's entry for the answers database: runs over the one connection that survey.migration gives it."""

from alembic import context

from survey.migration import run
from survey.store import Answers

run(context, Answers.metadata)
