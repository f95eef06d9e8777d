"""How gunicorn runs either app: few sync workers, small limits, no log of a visitor, no way to an envelope's key."""

import logging
import resource
import sys
from pathlib import Path

from gunicorn.glogging import Logger

# A bolt: whatever tries to import the opener or the analysis in a web process gets ImportError.
for module in ("crypto.opening", "crypto.custody", "crypto.seed", "analysis", "opendp"):
    sys.modules[module] = None  # type: ignore[assignment]
# The issuer knows codes, so it must not know answers; and who takes answers must not hold what signs tokens.
ISSUER = any(argument.startswith("survey.issuer_app.app:") for argument in sys.argv)
for module in (
    ("survey.answers_db.insert_only", "survey.respond_app.phone_page", "survey.respond_app.app")
    if ISSUER
    else ("crypto.issuing", "survey.issuer_app.views")
):
    sys.modules[module] = None  # type: ignore[assignment]

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
preload_app = False  # a connection to a database must not be shared by two processes

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
