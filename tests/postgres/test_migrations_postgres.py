"""Both schemas go up, down and up again on PostgreSQL, and are what the models say."""

import pytest
from hosts.schema_proof import SchemaProof


@pytest.fixture
def url(pg_server):
    """Return the address of an empty database, which goes again."""
    pg_server.psql("-c", "CREATE DATABASE empty OWNER sotto_owner")
    pg_server.psql("-d", "empty", "-c", "ALTER SCHEMA public OWNER TO sotto_owner")
    yield pg_server.url("empty", "sotto_owner")
    pg_server.psql("-c", "DROP DATABASE empty WITH (FORCE)")


class TestPostgresql(SchemaProof):
    """The proof on PostgreSQL."""
