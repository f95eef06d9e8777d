"""Writes a release as a report for people who make or report policy: hypotheses beside numbers, pictures, method."""

from pathlib import Path

from analysis.exports.export import chosen_locale
from analysis.pictures.draw import svgs
from analysis.pictures.wording import Reader
from analysis.report.page import ReportError, page, require_pdf
from analysis.report.view import view
from crypto.durable import write_file
from survey.authoring.compiler import compile_study
from survey.authoring.findings_compiler import Findings, FindingsFile
from survey.release.release import Release
from survey.typesetting import pdf

STUDIES = Path(__file__).parents[2] / "survey" / "studies"
ENDINGS = (".html", ".pdf")


def html(release: Release, findings: Findings | None = None, lang: str | None = None) -> str:
    """Return a report as one HTML file; without `findings` it has the tables and the method.

    Raises ExportError for an unknown locale and ReportError where findings are of another study.
    """
    if findings is not None and findings.study != release.study:
        raise ReportError(f"these findings are of the study {findings.study}, the release is of {release.study}")
    locale = chosen_locale(release, lang)
    if findings is not None and locale not in findings.before:
        raise ReportError(f"the findings have no texts in {locale}: they have {', '.join(findings.before)}")
    reader = Reader.of(release, locale)
    return page(reader, view(reader, findings, svgs(reader)))


def require_format(output: Path) -> None:
    """Raise ReportError where `output` is neither HTML nor PDF, MissingExtraError where no PDF can be set here."""
    if output.suffix.lower() not in ENDINGS:
        raise ReportError(f"{output} ends neither in .html nor in .pdf: choose one of them")
    if output.suffix.lower() == ".pdf":
        require_pdf()


def write_report(release: Release, output: Path, findings: Findings | None = None, lang: str | None = None) -> Path:
    """Write a report as HTML or PDF, by the ending of `output`; raise ReportError as require_format does."""
    require_format(output)
    text = html(release, findings, lang)
    content = text.encode() if output.suffix.lower() == ".html" else pdf(text, release.digest)
    write_file(output, content)
    return output


def findings_of(release: Release, path: Path | None = None) -> Findings | None:
    """Return the findings in `path` (a questionnaire stands beside it), or those that are shipped with the study.

    None where neither is there. Raises AuthoringError with every problem of the file at once.
    """
    chosen = path or next((one for one in sorted(STUDIES.glob("*/findings.yaml")) if _names(one, release.study)), None)
    if chosen is None:
        return None
    beside = chosen.with_name("questionnaire.yaml")
    if not beside.is_file():
        raise ReportError(f"{chosen} needs the questionnaire that it is about beside it: there is no {beside}")
    questionnaire, _ = compile_study(beside)
    file = FindingsFile.read(chosen)
    return file.compiled(questionnaire, file.read_plans(questionnaire))


def _names(path: Path, study: str) -> bool:
    lines = path.read_text(encoding="utf-8").splitlines()
    return any(line.split("#")[0].strip() == f"study: {study}" for line in lines)
