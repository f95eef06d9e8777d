"""Checks of the web server's configuration as nginx itself reads it, whatever files it is made of."""

from collections.abc import Iterator
from pathlib import Path

from survey.service.certificates import expires_within, is_for
from survey.service.doctor.check import Check
from survey.service.doctor.host_view import Directive, HostView, grouped
from survey.service.places import NGINX, TLS

CERTIFICATES = (TLS / "fullchain.pem", TLS / "desk-fullchain.pem")
DAYS = 14
PIECES = 3
"""A topic's word in a name is looked for from this many letters on."""


def web_server_checks() -> Iterator[Check]:
    """Yield the checks of this module."""
    edit = f"take it out of the files below {NGINX} (`nginx -T` shows all), then systemctl reload nginx"
    yield Check("nginx", "without it nobody reaches the survey", "nginx -t; systemctl restart nginx", _reads)
    yield Check("no-access-log", "it would hold who came, and when", edit, _no_access_log)
    yield Check("no-error-log", "it holds addresses and what was asked", edit, _no_error_log)
    yield Check(
        "no-other-site", "an address alone would get an answer, or another site's certificate", edit, _no_other_default
    )
    yield Check("no-address-passed-on", "an application, or its log, would know who came", edit, _no_address)
    yield Check("no-body-on-disk", "answers would be written on their way", edit, _no_body_on_disk)
    yield Check("no-resumption", "two visits would be known as one person's", edit, _no_resumption)
    yield Check("no-compression", "the length of a compressed answer tells what it says", edit, _no_compression)
    yield Check("tls-versions", "older ones are broken, newer ones must be there", edit, _versions)
    renew = "renew the certificate, put it into the folder of the answers, then sudo sotto install"
    yield Check("certificate-names", "a browser would refuse the name", renew, _certificate_names)
    yield Check("certificate-days", "when it has run out nobody can answer", renew, _certificate_days)
    yield Check("certificate-key", "nginx would not start again", renew, _certificate_key)
    yield Check("host-name", "the network reads the name, and who asks for it takes part",
                "take another name, change /etc/sotto/host.toml, then sudo sotto install", _host_name)  # fmt: skip


def _ours(host: HostView) -> list[Directive]:
    """Return the directives that decide about our names: those of their servers, and those above all servers."""
    names = {host.answers.host, host.answers.desk_host, host.answers.onion, host.answers.desk_onion} - {""}
    servers = {one.server for one in host.nginx if one.name == "server_name" and names & {*one.words}}
    return [one for one in host.nginx if one.server in servers | {0}]


def _deciding(host: HostView, name: str) -> dict[int, list[Directive]]:
    """Return for each of our servers the directives of a name that hold there: its own, else those above."""
    ours = _ours(host)
    above = [one for one in ours if one.name == name and not one.server]
    servers = {one.server for one in ours if one.server}
    return {server: [one for one in ours if one.name == name and one.server == server] or above for server in servers}


def _reads(host: HostView) -> str | None:
    if not host.succeeds("pgrep", "-x", "-r", "RSD", "nginx"):
        return "nginx does not run"
    return None if _deciding(host, "listen") else f"it has no server for {host.answers.host}"


def _no_access_log(host: HostView) -> str | None:
    # Where nothing is said nginx writes logs/access.log by itself.
    itself = ["by nginx itself"]
    every = _deciding(host, "access_log").values()
    logs = (log for found in every for log in ([" ".join(one.words) for one in found] or itself))
    faults = [f"a server of ours has an access log ({log})" for log in logs if log != "off"]
    return grouped(sorted({*faults}))


def _no_error_log(host: HostView) -> str | None:
    found = {" ".join(one.words) for every in _deciding(host, "error_log").values() for one in every}
    return grouped(
        [f"a server of ours writes an error log ({words})" for words in found if not words.startswith("/dev/null")]
    )


def _no_other_default(host: HostView) -> str | None:
    refusing = {
        one.server
        for one in host.nginx
        if (one.name, one.words) in {("return", ("444",)), ("ssl_reject_handshake", ("on",))}
    }
    default = {one.server: one for one in host.nginx if one.name == "listen" and "default_server" in one.words}
    faults = [
        f"another server answers to any name at {one.words[0]}"
        for server, one in default.items()
        if server not in refusing
    ]
    return grouped(faults or ([] if default else ["no server refuses unknown names"]))


def _no_address(host: HostView) -> str | None:
    telling = (
        "$remote_addr",
        "$proxy_add_x_forwarded_for",
        "$binary_remote_addr",
        "$realip_remote_addr",
        "$http_x_forwarded_for",
    )
    found = {one.name for one in _ours(host) if any(word in part for part in one.words for word in telling)}
    # Debian's own formats of logs name the address, and are used by no server of ours.
    return grouped([f"{name} uses the address of who comes" for name in sorted(found - {"log_format"})])


def _no_body_on_disk(host: HostView) -> str | None:
    def size(words: tuple[str, ...]) -> int:
        number = words[0].lower()
        return int(number.rstrip("km")) * {"k": 1024, "m": 1 << 20}.get(number[-1], 1)

    buffers, limits = _deciding(host, "client_body_buffer_size"), _deciding(host, "client_max_body_size")
    faults = []
    for server, found in limits.items():
        for blocks, largest in {one.blocks: size(one.words) for one in found}.items() or [((), 1 << 20)]:
            held = [one for one in buffers[server] if one.blocks == blocks]
            others = held or [one for one in buffers[server] if "location" not in "".join(one.blocks)]
            buffer = min((size(one.words) for one in others), default=8192)
            if largest > buffer:
                faults.append(f"bodies of {largest} bytes are let in, and the buffer holds {buffer}")
    return grouped(sorted({*faults}))


def _no_resumption(host: HostView) -> str | None:
    secure = {one.server for one in _ours(host) if one.name == "listen" and "ssl" in one.words}
    faults = set()
    for name in ("ssl_session_tickets", "ssl_session_cache"):
        for server, found in _deciding(host, name).items():
            if server in secure and {one.words for one in found} != {("off",)}:
                faults.add(f"{name} is not off")
    return grouped(sorted(faults))


def _no_compression(host: HostView) -> str | None:
    said = {one.words for found in _deciding(host, "gzip").values() for one in found}
    return None if said <= {("off",)} else "nginx compresses answers (gzip on)"


def _versions(host: HostView) -> str | None:
    secure = {one.server for one in host.nginx if one.name == "listen" and "ssl" in one.words}
    wanted = {("TLSv1.2", "TLSv1.3")}
    said = {
        server: {one.words for one in host.nginx if one.name == "ssl_protocols" and one.server == server}
        for server in secure
    }
    return (
        None
        if all(found == wanted for found in said.values())
        else "a server takes other versions than TLS 1.2 and 1.3"
    )


def _certificate_names(host: HostView) -> str | None:
    names = (host.answers.host, host.answers.desk_host)
    wrong = [(path, name) for path, name in zip(CERTIFICATES, names, strict=True) if not is_for(path, name)]
    return grouped([f"{path} is not good for {name}" for path, name in wrong])


def _certificate_days(_host: HostView) -> str | None:
    return grouped([f"{path} runs out within {DAYS} days" for path in CERTIFICATES if expires_within(path, DAYS)])


def _certificate_key(host: HostView) -> str | None:
    faults = []
    for path in CERTIFICATES:
        key = path.with_name(path.name.replace("fullchain", "privkey"))
        public = host.say("openssl", "x509", "-noout", "-pubkey", "-in", path)
        if public != host.say("openssl", "pkey", "-pubout", "-in", key):
            faults.append(f"{key} is not the key of {path}")
    return grouped(faults)


def _host_name(host: HostView) -> str | None:
    told = {part for part in host.answers.host.replace("-", ".").split(".") if len(part) >= PIECES}
    words = {word.lower() for slug in _studies() for word in slug.split("-") if len(word) >= PIECES}
    return grouped([f"the respondents' name has the word {word} of a study" for word in sorted(told & words)])


def _studies() -> list[str]:
    return [path.stem for path in Path("/var/lib/sotto/public/studies").glob("*.json")]
