"""Alembic's entry for the office database: runs over the one connection that survey.database.migration gives it."""

from alembic import context

from survey.database.migration import run
from survey.office_db.invitations import INVITATION

run(context, INVITATION.metadata)
