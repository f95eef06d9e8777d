"""Alembic's entry for the office database: runs over the one connection that survey.migration gives it."""

from alembic import context

from survey.migration import run
from survey.office import Office

run(context, Office.metadata)
