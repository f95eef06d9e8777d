"""Build the documentation as a searchable site (decision 138): `make docs`, or this file with the folder to write."""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONFIGURATION = ROOT / "docs" / "site.toml"
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def pages() -> list[Path]:
    """Return every page of the project that the site has."""
    documents = sorted((ROOT / "docs").rglob("*.md"))
    return [
        *(ROOT / f"{name}.md" for name in ("README", "SECURITY", "CHANGELOG")),
        ROOT / "crypto/ENVELOPE.md",
        *documents,
    ]


def linked(page: Path) -> Iterator[Path]:
    """Yield the files that a page links to or shows."""
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        yield (page.parent / target).resolve()


def place(folder: Path) -> None:
    """Copy pages and what they link to into `folder`, each where it lies in the project, so that links hold."""
    found = pages()
    for path in dict.fromkeys([*found, *(file for page in found for file in linked(page))]):
        if not path.is_file():
            sys.exit(f"docs: {path.relative_to(ROOT)} is linked and is no file: name a file")
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def build(output: Path) -> None:
    """Build the site into `output`, in place of an earlier one; end where the generator finds fault with anything."""
    if output.exists() and not (output / "search.json").exists() and any(output.iterdir()):
        sys.exit(f"docs: {output} holds other files than an earlier site: name another folder")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copyfile(CONFIGURATION, folder / "zensical.toml")
        place(folder / "pages")
        command = [sys.executable, "-m", "zensical", "build", "--strict", "-f", str(folder / "zensical.toml")]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"docs: zensical ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        shutil.rmtree(output, ignore_errors=True)
        shutil.copytree(folder / "site", output)


def main() -> None:
    """Build the site and say how it is read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, nargs="?", default=ROOT / "build" / "docs", help="the folder to write")
    output = parser.parse_args().output
    build(output)
    # Search needs HTTP: browsers start no worker from a file.
    print(f"Written: {output}. To read it: python -m http.server --bind 127.0.0.1 -d {output}")


if __name__ == "__main__":
    main()
