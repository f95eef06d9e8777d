"""`sotto serve` and `sotto demo`: the commands that run until they are stopped."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, TypedDict, Unpack

import click

from crypto.errors import ExitCode
from survey.commands.console import JSON, SEED, CommandError, require_extra, settings

if TYPE_CHECKING:
    from survey.serving.servers import Certificate

# Commands import what they need when they run: an installation has one half of the path or both.
# ruff: noqa: PLC0415 - see above


class DemoSwitches(TypedDict):
    """The options of `sotto demo` that become members of DemoOptions as they are."""

    directory: Path
    responses: int
    once: bool
    as_json: bool
    host: str
    port: int
    desk_port: int
    seed: int
    issuer_port: int


PEM = click.Path(path_type=Path, exists=True, dir_okay=False)
HOST = click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
PORT = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="For respondents.")
DESK_PORT = click.option(
    "--desk-port", type=click.IntRange(1, 65535), default=8001, show_default=True, help="For staff."
)
ISSUER_PORT = click.option(
    "--issuer-port",
    type=click.IntRange(1, 65535),
    default=8002,
    show_default=True,
    help="For the issuer, on this machine alone: respondents reach it through --port.",
)
TLS_CERT = click.option(
    "--tls-cert", type=PEM, help="PEM certificate: a real phone needs HTTPS, or it has no WebCrypto."
)
TLS_KEY = click.option("--tls-key", type=PEM, help="PEM key of the certificate.")


@click.command()
@HOST
@PORT
@DESK_PORT
@ISSUER_PORT
@TLS_CERT
@TLS_KEY
def serve(
    *, host: str, port: int, desk_port: int, issuer_port: int, tls_cert: Path | None, tls_key: Path | None
) -> None:
    """Run the three applications and the operator for development; production is in docs/deployment.md.

    \b
    Example: SOTTO_HOME=data SOTTO_SECRET_KEY_FILE=desk.secret SOTTO_INSECURE_COOKIES=1 sotto serve
    """
    require_extra("sqlmodel", "web")
    from survey.operations.requests.acceptance import Rules
    from survey.operations.requests.operator import Operator
    from survey.serving.servers import Server, require_free, running, wait_for_end, with_issuer

    require_ready()
    tls = certificate(tls_cert, tls_key)
    require_usable(host, tls)
    respond, issuer = with_issuer(Server("respond", host, port, tls), issuer_port)
    servers = [respond, Server("desk", host, desk_port, tls), issuer]
    for server, option in zip(servers, ("--port", "--desk-port", "--issuer-port"), strict=True):
        require_free(server, option)
    end_on_sigterm()
    host_settings = settings()
    rules = Rules(unsigned=host_settings.unsigned_requests)
    with running(servers, {}, None), Operator(host_settings, rules).beside():
        click.echo(f"respondents {servers[0].url}\nstaff       {servers[1].url}\nCtrl-C ends all.")
        try:
            wait_for_end(servers)
        except KeyboardInterrupt:
            click.echo("Ended.")


@click.command()
@click.option(
    "--responses", type=click.IntRange(1), default=2000, show_default=True, help="Invented respondents a wave."
)
@click.option("--once", is_flag=True, help="Run the first wave, print the summary, and exit.")
@JSON
@click.option(
    "--dir", "directory", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True
)
@HOST
@PORT
@DESK_PORT
@TLS_CERT
@TLS_KEY
@SEED
@click.option("--invitations", is_flag=True, help="Rehearse the whole life of a wave: invitations to destruction.")
@click.option("--custodians", type=click.IntRange(2), help="With --invitations: who keep the key. [default: 3]")
@click.option("--threshold", type=click.IntRange(2), help="With --invitations: how many open. [default: 2]")
@ISSUER_PORT
def demo(
    *,
    invitations: bool,
    custodians: int | None,
    threshold: int | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    **options: Unpack[DemoSwitches],
) -> None:
    """Run the whole path on this machine: a survey, sealed answers, a box, a signed release, the desk.

    \b
    Example: sotto demo
    Example: sotto demo --responses 2000 --once --json
    Example: sotto demo --custodians 3 --threshold 2 --invitations
    """
    require_extra("sqlmodel", "web")
    require_extra("opendp", "analysis")
    if options["as_json"] and not options["once"]:
        raise click.UsageError("--json goes with --once: without it the demo runs until it is stopped")
    if not invitations and (custodians or threshold):
        raise click.UsageError("--custodians and --threshold go with --invitations")
    tls = certificate(tls_cert, tls_key)
    require_usable(options["host"], tls)
    from survey.demo import demo as plain
    from survey.demo import rehearsal
    from survey.demo.folder import DemoOptions

    end_on_sigterm()
    try:
        run = rehearsal.run_rehearsal if invitations else plain.run_demo
        run(DemoOptions(tls=tls, custodians=custodians or 3, threshold=threshold or 2, **options))
    except KeyboardInterrupt:
        click.echo("\nThe demo was ended before it was done; nothing is left running.", err=True)
        sys.exit(ExitCode.INTERRUPTED)


def require_ready() -> None:
    """Refuse with the reason, before anything starts, a missing secret or a database that is not migrated."""
    from survey.answers_db.insert_only import connect_respond
    from survey.desk_app.settings import DeskSettings
    from survey.issuer_app.settings import IssuerSettings
    from survey.office_db.desk_access import connect_desk
    from survey.office_db.invitations import connect_issuer
    from survey.respond_app.settings import RespondSettings
    from survey.serving.servers import environ_of

    respond = RespondSettings.from_environ(environ_of("respond", {}))
    desk = DeskSettings.from_environ(environ_of("desk", {}))
    issuer = IssuerSettings.from_environ(environ_of("issuer", {}))
    connect_respond(respond.answers_url).dispose()
    connect_desk(desk.office_url).dispose()
    connect_issuer(issuer.office_url).dispose()


def require_usable(host: str, tls: "Certificate | None") -> None:
    """Refuse an address that no link could name, and plain http where a phone would have no WebCrypto."""
    if host in {"0.0.0.0", "::", "*", ""}:  # noqa: S104 - refused, not bound
        raise CommandError("--host: name the address of this machine that phones can reach, such as 192.168.1.20")
    from survey.loopback import LOOPBACK

    if tls is None and host not in LOOPBACK:
        raise CommandError(
            "--host: away from this machine browsers have no WebCrypto over http; add --tls-cert and --tls-key"
        )


def certificate(certificate: Path | None, key: Path | None) -> "Certificate | None":
    """Return the TLS files, or None for plain http."""
    from survey.serving.servers import Certificate

    if (certificate is None) != (key is None):
        raise CommandError("--tls-cert and --tls-key go together")
    return Certificate(certificate, key) if certificate and key else None


def end_on_sigterm() -> None:
    """Let SIGTERM end a command as Ctrl-C does, so that its children end too."""

    def end(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
