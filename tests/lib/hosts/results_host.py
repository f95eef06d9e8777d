"""A collection host that publishes releases of a study, to read its results page as visitors do."""

from pathlib import Path

from cheap.databases import migrated

from hosts.applications import respond_app
from survey.publication.folder import Published, StudyState
from survey.release.release import Release
from survey.settings import Settings


def results_page(home: Path, release: Release, lang: str = "en") -> str:
    """Publish a release and return the results page that shows it."""
    settings = Settings.from_environ({"SOTTO_HOME": str(home)})
    migrated(settings)
    locales = tuple(release.title)
    published = Published(settings.public)
    published.write_study(
        StudyState(
            study=release.study, state="new", wave=None, mode=release.mode, pin=None, epoch=None, earlier=(),
            record_size=None, locales=locales, names=dict(zip(locales, locales, strict=True)),
            directions=dict.fromkeys(locales, "ltr"), titles=release.title,
        )
    )  # fmt: skip
    published.write_release(release.study, release.to_bytes())
    response = respond_app(settings).test_client().get(f"/r/{release.study}?release={release.digest}&lang={lang}")
    assert response.status_code == 200, response.text
    return response.text
