"""A wave on a whole host, with the commands of the documentation: opened, answered over TLS, closed and boxed."""

import base64
import json
import shutil
from pathlib import Path

from hosts.collection import QUESTIONNAIRE, STUDY, Collection, made_body
from hosts.invited import Inviting, authored
from paths import ROOT

from survey.settings import Settings
from survey.wave.manifest import Manifest
from whole_host.entered_host import EnteredHost
from whole_host.installed_host import TREE


def opened(host: EnteredHost, settings: Settings) -> Collection:
    """Open a wave with the commands of the documentation; return what makes bodies for it."""
    study = Collection(settings)
    manifest = study.manifests[1] = study.manifest()
    host.run("sotto", "study", "new", TREE / QUESTIONNAIRE.relative_to(ROOT))
    open_wave(host, STUDY, manifest.to_bytes(), study.drill(manifest))
    return study


INVITED = "q27"
"""The study of people with invitations, beside the open one."""
OWN = "/var/lib/sotto/owner"


def opened_by_invitation(host: EnteredHost, settings: Settings, folder: Path, count: int) -> Manifest:
    """Open a second study, by invitation, with so many codes in OWN/codes.json; return its wave's manifest."""
    sources = shutil.copytree(QUESTIONNAIRE.parent, folder / "invited")
    file = authored(sources)
    file.write_text(file.read_text("utf-8").replace(f"\nstudy: {STUDY} ", f"\nstudy: {INVITED} "), encoding="utf-8")
    host.shell(f"cp -r {sources} /opt/invited; chmod -R a+rX /opt/invited")
    host.run("sotto", "study", "new", "/opt/invited/questionnaire.yaml")
    host.run("sotto", "issuer", "new", INVITED, "--wave", "1", "-o", f"{OWN}/issuer.json")
    study = Inviting(settings, file=file)
    study.public_key(1).parent.mkdir(parents=True, exist_ok=True)
    study.public_key(1).write_text(host.shell(f"cat {OWN}/issuer.json"), encoding="utf-8")
    manifest = study.manifest()
    open_wave(host, INVITED, manifest.to_bytes(), study.drill(manifest, study=INVITED))
    batch = ("--batch", "may", "--stratum", "city", "--count", str(count))
    host.run("sotto", "invite", INVITED, *batch, "--codes", f"{OWN}/codes.json")
    return manifest


def open_wave(host: EnteredHost, study: str, manifest: bytes, drill: bytes) -> None:
    """Open a wave with its two documents."""
    for name, content in (("manifest", manifest), ("drill", drill)):
        host.shell(f"cat > /opt/{name}.json", given=content.decode())
    opening = ("--manifest", "/opt/manifest.json", "--drill", "/opt/drill.json", "--demo")
    host.run("sotto", "study", "open", study, *opening)


def handed_in(host: EnteredHost, study: Collection) -> str:
    """Hand a sealed body in as a phone does; return the status."""
    host.shell("base64 -d > /root/body", given=base64.b64encode(made_body(study.manifests[1])).decode())
    sent = ("--data-binary", "@/root/body", "-H", "Content-Type: application/octet-stream")
    return host.status(f"https://survey.example/s/{STUDY}", *sent)


def boxed(host: EnteredHost) -> int:
    """Close the wave and make its box; return how many records it holds."""
    host.run("sotto", "study", "close", STUDY, "--yes")
    box = "/var/lib/sotto/owner/wave.box"
    return json.loads(host.run("sotto", "box", STUDY, "1", "-o", box, "--yes", "--json").stdout)["count"]
