"""What a person is. No database: the command line knows it too."""

from enum import StrEnum


class Role(StrEnum):
    """What a person does; an owner and an auditor are that for the whole host."""

    OWNER = "owner"
    RESEARCHER = "researcher"
    FIELDWORKER = "fieldworker"
    AUDITOR = "auditor"


OF_A_HOST = frozenset({Role.OWNER, Role.AUDITOR})
