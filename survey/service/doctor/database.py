"""Checks of PostgreSQL: its settings, who may come, what each role may do, and what none may count."""

import re
from collections.abc import Iterator
from functools import partial

from survey.service.doctor.check import Check
from survey.service.doctor.host_view import DATABASES, HostView, grouped
from survey.service.installation import shipped
from survey.service.places import OLDEST_POSTGRESQL, PROCESSES, SHIPPED, STAFF_ACCOUNT

ROLES = ("sotto_owner", *(f"sotto_{name}" for name in PROCESSES))
LINE = re.compile(r"^(\w+) = ('[^']*'|[\w-]+)", re.MULTILINE)
GRANTS = {
    ("sotto_answers", "sotto_respond", "sealed", "INSERT"),
    ("sotto_answers", "sotto_respond", "withdrawn", "INSERT"),
    ("sotto_answers", "sotto_respond", "spent_work", "INSERT"),
    ("sotto_answers", "sotto_respond", "alembic_version", "SELECT"),
    *(
        ("sotto_office", "sotto_desk", table, "SELECT")
        for table in (
            *("staff", "document", "study", "wave", "plan", "release", "audit", "last_compaction", "alembic_version"),
            *("staff_role", "confirmed_passkey", "request_day"),
        )
    ),
    *(
        ("sotto_office", "sotto_desk", table, right)
        for table in ("staff_session", "sign_in_secret", "recovery_code", "sign_in_link", "passkey", "used_challenge")
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE")
    ),
    *(
        ("sotto_office", "sotto_desk", table, right)
        for table in ("desk_act", "request")
        for right in ("SELECT", "INSERT")
    ),
    *(("sotto_office", "sotto_desk", *one) for one in (("request_file", "INSERT"), ("request_result", "SELECT"))),
    *(("sotto_office", "sotto_issuer", table, "SELECT") for table in ("batch", "invitation", "alembic_version")),
}
"""What the roles of processes may do with whole tables; marks of single columns apart."""
CONNECTS = {
    ("sotto_answers", "sotto_respond"),
    ("sotto_office", "sotto_desk"),
    ("sotto_office", "sotto_issuer"),
}
COUNTERS = (
    "pg_stat_get_live_tuples(oid)", "pg_stat_get_tuples_inserted(oid)", "pg_relation_size(regclass,text)",
    "pg_total_relation_size(regclass)", "pg_database_size(name)", "pg_current_wal_lsn()", "pg_current_xact_id()",
)  # fmt: skip
ROLES_AGAIN = f"runuser -u postgres -- psql -v ON_ERROR_STOP=1 -f {SHIPPED}/postgres/roles.sql"
MIGRATE = "sudo sotto migrate"


def database_checks() -> Iterator[Check]:
    """Yield the checks of this module."""
    yield Check("postgresql", "nothing is stored without it", "systemctl start postgresql", _answers)
    yield Check("postgresql-version", "older ones let nobody release their log", "upgrade PostgreSQL", _version)
    for name, value in LINE.findall(shipped("postgres/sotto.conf")):
        yield Check(
            f"postgresql {name}", "what was acknowledged must be stored, and no moment of an arrival kept",
            f"take out what sets {name} behind conf.d/sotto.conf; systemctl restart postgresql",
            partial(_setting, name=name, value=value.strip("'")),
        )  # fmt: skip
    yield Check("no-archive", "an archived log keeps every moment", "drop it: pg_drop_replication_slot", _archive)
    yield from (_role(role) for role in ROLES)
    yield Check("peers", "another account would be let in as a role", "sudo sotto install", _peers)
    yield Check("connects", "a process reaches its own database alone", ROLES_AGAIN, _connects)
    yield Check(
        "grants", "a process that strangers reach may add rows, and read none", f"{ROLES_AGAIN}; {MIGRATE}", _grants
    )
    yield Check("owners", "who owns a table may do anything with it", ROLES_AGAIN, _owners)
    yield Check("no-counters", "a count that goes up tells when somebody answered", ROLES_AGAIN, _counters)
    yield Check("no-statistics", "statistics count rows and keep some of their keys", ROLES_AGAIN, _statistics)


def _answers(host: HostView) -> str | None:
    missing = set(DATABASES) - {name for (name,) in host.rows("postgres", "SELECT datname FROM pg_database")}
    return grouped([f"there is no database {name}" for name in sorted(missing)])


def _version(host: HostView) -> str | None:
    version = int(host.database_settings["server_version_num"]) // 10_000
    return None if version >= OLDEST_POSTGRESQL else f"this is PostgreSQL {version}, older than {OLDEST_POSTGRESQL}"


def _setting(host: HostView, *, name: str, value: str) -> str | None:
    have = host.database_settings.get(name)
    return None if have == value else f"{name} is {have!r} and should be {value!r}"


def _archive(host: HostView) -> str | None:
    settings = host.database_settings
    found = [f"archive_mode is {settings['archive_mode']}"] if settings["archive_mode"] != "off" else []
    slots = host.rows("postgres", "SELECT slot_name FROM pg_replication_slots")
    return grouped([*found, *(f"there is a replication slot {name}" for (name,) in slots)])


def _role(role: str) -> Check:
    query = f"""
        SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls, NOT rolcanlogin,
          (SELECT string_agg(g.rolname, ', ') FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
           WHERE m.member = r.oid AND g.rolname <> 'pg_checkpoint'),
          (SELECT rolpassword IS NOT NULL FROM pg_authid a WHERE a.oid = r.oid)
        FROM pg_roles r WHERE rolname = '{role}'
    """  # noqa: S608 - a constant of ours

    def look(host: HostView) -> str | None:
        rows = host.rows("postgres", query)
        if not rows:
            return f"there is no role {role}"
        powerful, no_login, groups, password = rows[0]
        faults = {
            f"{role} may more than a role of Sotto": powerful == "t",
            f"{role} may not log in": no_login == "t",
            f"{role} belongs to {groups}": bool(groups),
            f"{role} has a password, which somebody may know": password == "t",  # noqa: S105 - no password
        }
        return grouped([fault for fault, there in faults.items() if there])

    mend = f"{ROLES_AGAIN}; take the rest away with ALTER ROLE {role} NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD NULL"
    return Check(f"role {role}", "each process may do with the database what it must, and no more", mend, look)


def _peers(host: HostView) -> str | None:
    """Ask as each account for each role: what is let in is what counts, whatever the file looks like."""
    accounts = (STAFF_ACCOUNT, *(f"sotto-{name}" for name in PROCESSES), "www-data", "nobody")
    found = []
    for account in accounts:
        for role in ROLES:
            database = "sotto_answers" if role in {"sotto_owner", "sotto_respond"} else "sotto_office"
            came = host.succeeds("psql", "-XAtq", "-U", role, "-d", database, "-c", "SELECT 1", account=account)
            if came != (account.replace("-", "_") == role):
                found.append(f"{account} is {'let in' if came else 'not let in'} as {role}")
    return grouped(found)


def _connects(host: HostView) -> str | None:
    query = """
        SELECT d.datname, r.rolname FROM pg_database d, pg_roles r
        WHERE r.rolname IN ('sotto_respond', 'sotto_desk', 'sotto_issuer', 'pg_monitor')
          AND d.datallowconn AND has_database_privilege(r.oid, d.oid, 'CONNECT')
    """
    have = {(database, role) for database, role in host.rows("postgres", query)}
    more = [f"{role} may connect to {database}" for database, role in sorted(have - CONNECTS)]
    return grouped([*more, *(f"{role} may not connect to {database}" for database, role in sorted(CONNECTS - have))])


def _grants(host: HostView) -> str | None:
    query = """
        SELECT r.rolname, c.relname, p.name FROM pg_class c, pg_roles r,
          unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p(name)
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm')
          AND r.rolname IN ('sotto_respond', 'sotto_desk', 'sotto_issuer') AND has_table_privilege(r.oid, c.oid, p.name)
    """
    have = {(database, *row) for database in DATABASES for row in host.rows(database, query)}
    more = [f"{role} may {right} {table} of {database}" for database, role, table, right in sorted(have - GRANTS)]
    less = [f"{role} may not {right} {table} of {database}" for database, role, table, right in sorted(GRANTS - have)]
    return grouped([*more, *less])


def _owners(host: HostView) -> str | None:
    query = """
        SELECT relname, pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'public'::regnamespace
          AND relkind IN ('r', 'v', 'm', 'S') AND pg_get_userbyid(relowner) <> 'sotto_owner'
    """
    rows = [(database, *row) for database in DATABASES for row in host.rows(database, query)]
    return grouped([f"{table} of {database} belongs to {owner}" for database, table, owner in rows])


def _counters(host: HostView) -> str | None:
    found = []
    for database, role in sorted(CONNECTS):
        calls = ", ".join(f"has_function_privilege('{role}', 'pg_catalog.{one}', 'EXECUTE')" for one in COUNTERS)
        (row,) = host.rows(database, f"SELECT {calls}")
        found += [f"{role} may call {one} in {database}" for one, may in zip(COUNTERS, row, strict=True) if may == "t"]
    return grouped(found)


def _statistics(host: HostView) -> str | None:
    query = """
        SELECT current_setting('track_counts'),
          (SELECT count(*) FROM pg_statistic WHERE starelid = to_regclass('public.sealed'))
    """
    found = []
    for database in DATABASES:
        ((counted, kept),) = host.rows(database, query)
        found += [f"track_counts is {counted} in {database}"] if counted != "off" else []
        found += [f"statistics of sealed answers are kept in {database}"] if kept != "0" else []
    return grouped(found)
