"""Access of the office database's owner (staff commands): every table, to read and to change."""

from sqlalchemy.engine import Engine

from survey.database.engine import check_settings, connect
from survey.database.schema_version import require_migrated


def connect_staff_database(url: str) -> Engine:
    """Return the engine of the staff database; raise DatabaseError where it is not migrated or not durable."""
    engine = connect(url, guard=None, begin="BEGIN IMMEDIATE")
    require_migrated(engine, "office")
    check_settings(engine)
    return engine
