"""Alembic's entry for the office database: runs over the one connection that survey.database.migration gives it."""

from alembic import context

from survey.database.migration import run
from survey.office_db import invitations, requests, tables  # noqa: F401 - each declares its tables on the one registry
from survey.office_db.base import StaffDatabase
from survey.office_db.people import tables as people  # noqa: F401

run(context, StaffDatabase.metadata)
