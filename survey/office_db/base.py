"""The one registry of the office's tables: the issuer's are declared on it without loading those of the staff."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class StaffDatabase(SQLModel, registry=registry()):
    """The tables of the office database."""
