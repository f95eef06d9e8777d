"""How gunicorn runs each app: few sync workers, small limits, no log of a visitor, a bolt before others' modules."""

import contextlib
import gc
import importlib  # noqa: TID251 - loads what gunicorn was told to run, as it does itself
import logging
import resource
import sys
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

# A bolt: whatever tries to import one of these in a web process gets ImportError (decision 70). No application opens
# envelopes, counts, does what administrators do, changes a schema or asks another host.
NEVER = (
    *("crypto.opening", "crypto.custody", "crypto.seed", "analysis", "opendp", "alembic"),
    *("survey.operations", "survey.commands", "survey.serving", "survey.service", "survey.demo"),
    "survey.http_client",
    *("survey.database.migration", "survey.database.compaction", "survey.database.row_copy"),
    *("survey.simulation", "survey.paper", "survey.wave.invitation_codes", "crypto.blinding"),
    # Libraries load urllib.request and http.client for themselves; nothing that is served loads these.
    *("ftplib", "smtplib", "imaplib", "poplib", "xmlrpc", "webbrowser", "urllib3", "requests", "httpx", "aiohttp"),
    # Each application has settings of its own; these name both databases and every key.
    "survey.settings",
)
ANSWERS = ("survey.answers_db", "survey.admission", "survey.plain_form", "survey.respond_app")
# Who takes answers adds rows and reads what is published; who knows codes, or staff, must not know answers.
APART = {
    "respond_app": (
        "crypto.invitation_codes",
        *("survey.office_db", "survey.desk_app", "survey.issuer_app", "crypto.issuing", "argon2", "flask_wtf"),
        *("survey.answers_db.owner_access", "survey.answers_db.compaction", "survey.answers_db.row_checks"),
        *("survey.public_log.log", "survey.public_log.log_events"),
    ),
    "desk_process": (
        "crypto.invitation_codes",
        # A child reads what authors write, and this process only what the child says of it.
        *("survey.authoring", "survey.preview", "survey.workbook", "pyxform", "openpyxl", "xlrd", "lark"),
        *(*ANSWERS, "survey.issuer_app", "survey.office_db.invitations", "survey.public_log"),
        "survey.office_db.owner_access",
        *("crypto.issuing", "crypto.box", "crypto.sealing"),
    ),
    "issuer_app": (
        "urllib.request",
        *(*ANSWERS, "survey.desk_app", "survey.office_db.people", "survey.office_db.study_status"),
        *("survey.office_db.tables", "survey.office_db.owner_access", "survey.office_db.desk_access"),
        *("survey.public_log", "crypto.box", "crypto.sealing", "argon2", "flask_wtf"),
    ),
}


def bolted(arguments: list[str]) -> set[str]:
    """Return what the application that gunicorn was told to run may not import; for an unknown one, all of it."""
    served = [name for name in APART if any(one.startswith(f"survey.{name}.") for one in arguments)]
    return {*NEVER, *(module for name in served or APART for module in APART[name])}


for module in bolted(sys.argv):
    sys.modules[module] = None  # type: ignore[assignment]  # noqa: TID251 - the bolt itself: an import of it fails

# A crash leaves no memory on the disk: answers of the plain form, codes and tokens pass through it. Workers inherit it.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

# Sync workers have the steadiest tail; nginx in front keeps slow connections away from them (docs/deployment.md).
worker_class = "sync"
workers = 2
timeout = 30
graceful_timeout = 30
keepalive = 5
max_requests = 5000
max_requests_jitter = 1000
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn's heartbeat file, no content
preload_app = False  # a connection to a database must not be shared by two processes: the code alone is


# Decision 134.
def on_starting(server: Arbiter) -> None:
    """Load the application's code before the first worker is forked; each worker makes its own application of it."""
    with contextlib.suppress(Exception):  # it fails in the worker too, which says so in its own way
        importlib.import_module(server.app.app_uri.partition(":")[0])
    gc.collect()
    gc.freeze()  # a worker that looks for garbage would else write to what it shares, and so copy it


limit_request_line = 2048
limit_request_fields = 40
limit_request_field_size = 4096
header_map = "refuse"
forwarded_allow_ips = ""

control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = "info"
umask = 0o077


# What the arbiter says of its workers and sockets is for whoever runs the host, and holds nothing of a request.
OPERATIONAL = (
    "WORKER TIMEOUT",
    "Worker (pid:",
    "Worker failed",
    "Connection in use",
    "connection to ",
    "Shutting down",
)


class QuietLogger(Logger):
    """
    Logs that the server starts and stops, and of errors in serving only their kind.

    gunicorn's own messages about bad requests hold the client's address, the path or parts of the request. Days alone:
    a worker that ends after its share of requests would else say when so many had come.
    """

    datefmt = r"[%Y-%m-%d]"

    def setup(self, cfg: object) -> None:
        """Set gunicorn's logger up, then take the words out of what could be about a request."""
        super().setup(cfg)
        self.error_log.addFilter(_without_words)


def _without_words(record: logging.LogRecord) -> bool:
    if record.levelno >= logging.WARNING and not str(record.msg).startswith(OPERATIONAL):
        kind = record.exc_info[0] if record.exc_info else None
        record.msg = f"a request or a worker failed: {kind.__name__ if kind else 'refused'}"
        record.args, record.exc_info, record.exc_text, record.stack_info = (), None, None, None
    return True


logger_class = QuietLogger
