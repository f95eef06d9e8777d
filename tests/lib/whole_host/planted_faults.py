"""Faults that are planted in a whole host, each with the checks of `sotto doctor` that must see it."""

from survey.service.places import APPLICATIONS

WRONG_FRONT = {
    "sed -i 's/add_header X-Frame-Options/# &/; s/add_header Referrer/# &/' /etc/nginx/sotto/headers.inc": {
        "headers of what is hidden", "headers of an address that is too long",
    },
    "sed -i '$aproxy_hide_header Cross-Origin-Opener-Policy;' /etc/nginx/sotto/tls.inc": {
        "headers of the first page", "headers of a page that is not there", "headers of the log",
    },
    "sed -i '$aadd_header Via cache1 always;' /etc/nginx/sotto/tls.inc": {"nothing of a provider"},
    "sed -i 's/TLSv1.2 TLSv1.3/TLSv1.2/' /etc/nginx/sotto/tls.inc": {"tls 1.2 and 1.3"},
    "sed -i 's#ssl_reject_handshake on;#ssl_certificate /etc/sotto/tls/fullchain.pem; "
    "ssl_certificate_key /etc/sotto/tls/privkey.pem;#' /etc/nginx/conf.d/sotto.conf": {"unknown names"},
    "sed -i 's#return 301 .*#return 200 hello;#' /etc/nginx/conf.d/sotto.conf": {"port 80"},
    "sed -i '0,/location = .readyz/s//location = \\/elsewhere/' /etc/nginx/conf.d/sotto.conf": {"readiness hidden"},
    "sed -i '0,/location = .elsewhere/s//location = \\/healthz { return 500; }\\n    location = \\/elsewhere/' "
    "/etc/nginx/conf.d/sotto.conf": {"alive"},
}  # fmt: skip
"""In front of a host that is otherwise well; nginx reads it anew afterwards."""

FOLDERS = (
    "/run/sotto", "/etc/sotto", "/etc/sotto/tls", "/var/lib/sotto", "/var/lib/sotto/public", "/var/lib/sotto/owner",
    "/var/lib/sotto/issuer", "/var/lib/sotto/work", "/var/lib/sotto/backup", "/var/log/sotto", "/var/lib/nginx",
)  # fmt: skip
SECRETS = (
    "/etc/sotto/respond.env", "/etc/sotto/desk.env", "/etc/sotto/issuer.env", "/etc/sotto/owner.env",
    "/etc/sotto/desk.secret", "/etc/sotto/tls/privkey.pem", "/etc/sotto/tls/desk-privkey.pem",
    "/var/lib/sotto/owner/log.key",
)  # fmt: skip
PROCESSES = tuple(APPLICATIONS)
DATABASE = {
    "listen_addresses": "'localhost'", "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off",
    "track_commit_timestamp": "on", "wal_level": "replica", "max_wal_senders": "1", "wal_recycle": "on",
    "min_wal_size": "80MB", "log_min_messages": "error", "log_min_error_statement": "error",
    "log_error_verbosity": "default", "log_statement": "all", "log_connections": "on", "log_disconnections": "on",
    "log_duration": "on", "log_parameter_max_length": "-1", "log_parameter_max_length_on_error": "10",
    "log_checkpoints": "on", "track_activities": "on",
}  # fmt: skip
OTHER = "openssl req -x509 -noenc -days 3 -subj /CN=other.example"


def _sql(database: str, statement: str) -> str:
    return f'runuser -u postgres -- psql -q -d {database} -c "{statement}"'


MISSED = {
    _sql(
        "sotto_office",
        "INSERT INTO document VALUES ('0', 'none', ''); INSERT INTO study VALUES ('q', '0', '0', '{}', '[]', now()); "
        "INSERT INTO wave VALUES ('q', 1, 'open', '0', '', 1, 1, 1, 'few', current_date - 9); "
        "UPDATE last_compaction SET day = current_date - 2",
    ): {"compaction"},
}
"""In a host that was well. It stands alone: below, commands of staff refuse what is set in the database."""

WRONG_INSIDE = {
    "rm /etc/os-release; echo 'ID=ubuntu' > /etc/os-release": {"debian"},
    "touch -d 2099-01-01 /var/lib/sotto/public/later": {"clock"},
    "printf 'Filename\\n/dev/sda2 partition\\n' > /root/swaps; mount --bind /root/swaps /proc/swaps": {"swap"},
    "echo '|/bin/apport %p' > /root/cores; mount --bind /root/cores /proc/sys/kernel/core_pattern": {"core-dumps"},
    _sql("sotto_answers", "UPDATE alembic_version SET version_num = 'a9'"): {"migrated"},
    "echo garbage > /var/lib/sotto/public/log/checkpoint": {"log-verified"},
    ": > /var/lib/sotto/owner/log.key": {"log-and-head"},
    "rm /etc/sotto/backup.txt": {"backup"},
    "sed -i 's/^metrics = .*/metrics = \"yes\"/' /etc/sotto/host.toml; mkdir -p /run/sotto-metrics; "
    "touch -d '1 hour ago' /run/sotto-metrics/sotto.prom": {"metrics"},
    "touch -d '9 days ago' /var/lib/sotto/backup/sotto-old.age": {"backup-copies"},
    "sed -i 's/^alarm = .*/alarm = \"mailto:mei@ngo.example\"/' /etc/sotto/host.toml; "
    "[ ! -e /usr/sbin/sendmail ] || mount --bind /dev/null /usr/sbin/sendmail": {"alarm"},
    **{f"usermod -s /bin/bash sotto-{name}": {f"account sotto-{name}"} for name in ("owner", "respond")},
    **{f"usermod -aG adm sotto-{name}": {f"account sotto-{name}"} for name in ("desk", "issuer")},
    **{f"chmod 777 {path}": {f"folder {path}"} for path in FOLDERS},
    **{f"chmod o+r {path}": {f"file {path}"} for path in SECRETS},
    **{f"chmod 666 /run/sotto/{name}.sock": {f"socket /run/sotto/{name}.sock"} for name in PROCESSES},
    **{
        f"runuser -u nobody -- bash -c 'exec -a \"gunicorn {APPLICATIONS[name]}:\" sleep 99' >/dev/null 2>&1 &":
            {f"account of {name}"} for name in PROCESSES
    },
    "echo >> /etc/systemd/system/sotto-desk.service": {"units"},
    "sed -i s/survey.example/other.example/ /etc/sotto/respond.env": {"settings-names"},
    "sed -i '1ilocal all all trust' /etc/postgresql/15/main/pg_hba.conf": {"peer-lines", "peers"},
    "echo >> /etc/logrotate.d/sotto": {"log-rotation"},
    "echo >> /usr/local/bin/sotto": {"program"},
    "touch /var/lib/sotto/public/signing.pem": {"no-keys-in-public"},
    "touch /var/lib/sotto/issuer/0123456789abcdef.pem": {"issuer-keys"},
    "echo 'GET /s/q26' >> /var/log/sotto/desk.log": {"logs-of-processes"},
    "mkdir -p /var/lib/sotto/public/studies; touch /var/lib/sotto/public/studies/survey-of-trust.json": {"host-name"},
    **{
        f"{OTHER} -key /etc/sotto/tls/{name}privkey.pem -out /etc/sotto/tls/{name}fullchain.pem":
            {"certificate-names", "certificate-days"} for name in ("", "desk-")
    },
    "sed -i 's#access_log off#access_log /var/log/a.log#' /etc/nginx/sotto/server.inc": {"no-access-log", "web-site"},
    "sed -i 's#error_log .*#error_log /var/log/e.log;#' /etc/nginx/sotto/server.inc": {"no-error-log"},
    "echo 'server { listen 8080 default_server; }' > /etc/nginx/conf.d/other.conf": {"no-other-site"},
    "sed -i '$aproxy_set_header X-Real-IP $remote_addr;' /etc/nginx/sotto/tls.inc": {"no-address-passed-on"},
    "sed -i 's/buffer_size 32k/buffer_size 4k/' /etc/nginx/sotto/server.inc": {"no-body-on-disk"},
    "sed -i 's/tickets off/tickets on/' /etc/nginx/sotto/tls.inc": {"no-resumption"},
    "sed -i 's/gzip off/gzip on/' /etc/nginx/sotto/server.inc": {"no-compression"},
    "sed -i 's/TLSv1.2 TLSv1.3/TLSv1.1 TLSv1.2/' /etc/nginx/sotto/tls.inc": {"tls-versions"},
    **{_sql("postgres", f"ALTER ROLE sotto_{name} CREATEDB"): {f"role sotto_{name}"} for name in ("owner", "respond")},
    _sql("postgres", "ALTER ROLE sotto_desk PASSWORD 'x'"): {"role sotto_desk"},
    _sql("postgres", "GRANT pg_signal_backend TO sotto_issuer"): {"role sotto_issuer"},
    _sql("postgres", "GRANT CONNECT ON DATABASE sotto_office TO PUBLIC"): {"connects"},
    _sql("sotto_answers", "GRANT SELECT ON sealed TO sotto_respond"): {"grants"},
    _sql("sotto_answers", "ALTER TABLE refused OWNER TO postgres"): {"owners"},
    _sql("sotto_office", "GRANT EXECUTE ON FUNCTION pg_relation_size(regclass,text) TO PUBLIC"): {"no-counters"},
    _sql("postgres", "ALTER DATABASE sotto_answers SET track_counts = on"): {"no-statistics"},
    "printf '%s' " + "'" + "".join(f"{name} = {value}\n" for name, value in DATABASE.items()).replace("'", "'\\''")
    + "archive_mode = on\narchive_command = true\n' > /etc/postgresql/15/main/conf.d/zz.conf; "
    "pg_ctlcluster 15 main restart":
        {*(f"postgresql {name}" for name in DATABASE), "no-archive", *(f"process {name}" for name in PROCESSES)},
}  # fmt: skip
"""In a host that was well, all at once; each is seen by its own checks."""

WRONG_BELOW = {
    "pg_ctlcluster 15 main restart; " + _sql("postgres", "ALTER DATABASE sotto_office RENAME TO away"): {"postgresql"},
    "openssl ecparam -genkey -name prime256v1 -out /etc/sotto/tls/privkey.pem": {"certificate-key"},
    "pkill -x nginx; sleep 1": {"nginx", "reached"},
    **{
        f"mkdir -p {path}; mount -t tmpfs -o size=1m tmpfs {path}; head -c 900k /dev/zero > {path}/full": {
            f"room {path}"
        }
        for path in ("/var/lib/postgresql", "/var/lib/sotto", "/var/log")
    },
}
"""What takes the ground from under other checks too: it comes last."""
