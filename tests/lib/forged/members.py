"""Forged folders whose documents have a member too many inside, or one that does not follow from others."""

from crypto.canonical import canonical, digest, parse
from forged.forgery import NOBODY, Forgery, inside, one, sets
from forged.site import WrittenSite

MORE = "members that are not documented: more"


def released_alone(site: WrittenSite) -> None:
    """Log a release of a study of which no wave ever opened, and which nobody can check."""
    content = canonical(parse((site.folder / site.place("release 1")).read_bytes()) | {"study": "s2"})
    (site.folder / "results/s2").mkdir()
    (site.folder / f"results/s2/{digest(content)}.json").write_bytes(content)
    last = site.entries[-1]["day"]
    entry = {"format": "sotto-log-entry-1", "kind": "release", "study": "s2", "wave": 1, "day": last, "ledger": NOBODY}
    site.sign_log([canonical(said) for said in [*site.entries, {**entry, "hash": digest(content)}]])


OF_MEMBERS = (
    one("no issuer in a wave by invitation", "has not its mode's issuer_key", "manifest 3", sets(issuer_key=None)),
    one("another key's id", "is of another key_id", "manifest 3", sets(key_id="0" * 16)),
    one("records of another size", "is of another record_size", "box 1", sets(record_size=4096)),
    one("pages without headers", "/blank lacks headers", "pages 3",
        lambda said: [page.pop("headers") for page in said["pages"].values()]),
    one("a page without its hash", "/blank lacks sha256", "pages 3",
        lambda said: said["pages"]["/blank"].pop("sha256")),
    one("a page with a member too many", MORE, "pages 3", inside("pages", "/s/s1", more=1)),
    one("witnesses with a member too many", MORE, "manifest 3", inside("witnesses", more=1)),
    one("fieldwork with a member too many", MORE, "release 1", inside("fieldwork", more=1)),
    one("a budget with a member too many", MORE, "release 1", inside("budget", more=1)),
    one("a mechanism with a member too many", MORE, "release 1", inside("mechanism", more=1)),
    one("a phrase with a member too many", MORE, "release 1", inside("words", 0, "phrases", 0, more=1)),
    one("a signature with a third half", MORE, "release 1 signed", inside("signature", more="AA")),
    Forgery("a release of a study that never opened", "has no open wave", after=released_alone, also=True),
)  # fmt: skip
