-- Roles and the two databases. Run once as the superuser, before `sotto migrate` (which runs as sotto_owner):
--   psql -f deploy/postgres/roles.sql
-- No passwords here: use peer authentication over the Unix socket, or ALTER ROLE … PASSWORD.

-- Owns both schemas; used by staff commands only, never by a web process.
CREATE ROLE sotto_owner LOGIN;
-- The respond app: INSERT on sealed, withdrawn and spent_work of answers, SELECT on its alembic_version, nothing else.
CREATE ROLE sotto_respond LOGIN CONNECTION LIMIT 32;
-- The desk: the office database only; no grant, not even CONNECT, on answers.
CREATE ROLE sotto_desk LOGIN CONNECTION LIMIT 32;
-- The issuer: reads batches and hashes of codes in the office, sets invitation.blinded_hash, nothing else anywhere.
CREATE ROLE sotto_issuer LOGIN CONNECTION LIMIT 32;

CREATE DATABASE sotto_answers OWNER sotto_owner;
CREATE DATABASE sotto_office OWNER sotto_owner;

-- By default everybody may connect to every database and, before PostgreSQL 15, make tables in it.
REVOKE ALL ON DATABASE sotto_answers, sotto_office FROM PUBLIC;
-- From another database a role would read sizes and counts of these two.
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;
GRANT CONNECT ON DATABASE sotto_answers TO sotto_respond;
GRANT CONNECT ON DATABASE sotto_office TO sotto_desk, sotto_issuer;

-- Compaction lets go of the write-ahead log, which holds every insert with its moment (PostgreSQL 15 or later).
GRANT pg_checkpoint TO sotto_owner;

\connect sotto_answers
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO sotto_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO sotto_owner;
GRANT USAGE ON SCHEMA public TO sotto_respond;
\ir hide_counts.sql

\connect sotto_office
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO sotto_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO sotto_owner;
GRANT USAGE ON SCHEMA public TO sotto_desk, sotto_issuer;
\ir hide_counts.sql

-- The grants on tables are in the migrations, beside the tables they are about.
