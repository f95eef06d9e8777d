"""Alembic's entry for the office database: runs over the one connection that survey.database.migration gives it."""

from alembic import context

from survey.database.migration import run
from survey.office_db import invitations, tables  # noqa: F401 - both declare their tables on the one registry
from survey.office_db.base import StaffDatabase

run(context, StaffDatabase.metadata)
