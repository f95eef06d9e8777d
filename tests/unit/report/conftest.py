"""One release of the shipped study, its findings, and its report in each language."""

import pytest
from studies import demo_release

from analysis.report.report import findings_of
from analysis.report.report import html as report_html
from survey.release.release import Release

TABLES = {"T02", "T03", "T05", "T17", "T36"}


@pytest.fixture(scope="session")
def signed(tmp_path_factory) -> Release:
    """Return a release of twelve tables over two thousand invented people."""
    return demo_release.released(tmp_path_factory.mktemp("four"), "sesame_credit", "plan.yaml", 2000)


@pytest.fixture(scope="session")
def release(signed) -> Release:
    """Return five of its tables: each picture takes a third of a second, in three languages."""
    return signed.model_copy(update={"tables": tuple(one for one in signed.tables if one.id in TABLES)})


@pytest.fixture(scope="session")
def findings(release):
    """Return the findings that are shipped with the release's study."""
    return findings_of(release)


@pytest.fixture(scope="session")
def pages(release, findings) -> dict[str, str]:
    """Return the report in each locale."""
    return {locale: report_html(release, findings, locale) for locale in release.labels}
