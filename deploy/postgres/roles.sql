-- Roles and the two databases. Run as the superuser, before `sotto migrate` (which runs as sotto_owner); once more
-- changes nothing, and gives back what a restored database lacks:
--   psql -v ON_ERROR_STOP=1 -f deploy/postgres/roles.sql
-- No passwords: peer authentication over the Unix socket (pg_hba.conf and pg_ident.conf beside this file).

-- Owns both schemas; used by staff commands only, never by a web process.
SELECT 'CREATE ROLE sotto_owner' WHERE to_regrole('sotto_owner') IS NULL \gexec
ALTER ROLE sotto_owner LOGIN;
-- The respond app: INSERT on sealed, withdrawn and spent_work of answers, SELECT on its alembic_version, nothing else.
SELECT 'CREATE ROLE sotto_respond' WHERE to_regrole('sotto_respond') IS NULL \gexec
ALTER ROLE sotto_respond LOGIN CONNECTION LIMIT 32;
-- The desk: the office database only; no grant, not even CONNECT, on answers.
SELECT 'CREATE ROLE sotto_desk' WHERE to_regrole('sotto_desk') IS NULL \gexec
ALTER ROLE sotto_desk LOGIN CONNECTION LIMIT 32;
-- The issuer: reads batches and hashes of codes in the office, sets invitation.blinded_hash, nothing else anywhere.
SELECT 'CREATE ROLE sotto_issuer' WHERE to_regrole('sotto_issuer') IS NULL \gexec
ALTER ROLE sotto_issuer LOGIN CONNECTION LIMIT 32;

SELECT 'CREATE DATABASE sotto_answers OWNER sotto_owner'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'sotto_answers') \gexec
SELECT 'CREATE DATABASE sotto_office OWNER sotto_owner'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'sotto_office') \gexec

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
