"""Alembic's entry for the office database: runs over the one connection that survey.migration gives it."""

from alembic import context

from survey.invitations import INVITATION
from survey.migration import run

run(context, INVITATION.metadata)
