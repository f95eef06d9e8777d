"""The study description of a DDI codebook: who made it, of whom, when and how, and under which conditions it is used.

Elements follow CESSDA's profile of DDI-Codebook 2.6 (CDC_DDI26_PROFILE 1.0, CC BY 4.0), with its vocabularies' codes.
"""

from xml.etree.ElementTree import Element

from analysis.exports.citation import citation_text
from analysis.exports.xml_text import add, coded, locale_first
from survey.plan.plan import rho_text
from survey.questionnaire.study_metadata import Fieldwork, StudyMetadata
from survey.release import release_rows
from survey.release.epsilon_text import epsilon_text
from survey.release.release import Release
from survey.workbook.column_names import sentence

ACCESS = (
    "No microdata exist. Answers were sealed on the respondent's device to a key that no server holds, opened only "
    "in memory by a quorum of custodians, and were counted without keeping a row. Only the tables described here are "
    "released, with noise. There is nothing to apply for."
)
CONFIDENTIAL = (
    "Differential privacy protects what one {unit} answered in the whole study. Do not try to learn about single "
    "people from these tables: the noise is there so that it cannot be done."
)
OPEN = "Open link: whoever had it could answer, more than once, and nobody can tell. Not a probability sample."
SAMPLING = "DDI Sampling Procedure"
INVITED = "Invitations: one answer a token. Who was invited and why is in the study's own documents."


def study_description(root: Element, release: Release, locale: str) -> None:
    """Add stdyDscr; facts that the study does not state are left out."""
    study = add(root, "stdyDscr")
    _citation(study, release, locale)
    if release.about:
        _authorization(study, release.about, locale)
    _information(study, release, locale)
    _method(study, release, locale)
    _access(study, release, locale)
    for row in release_rows.fact_rows(release, locale):
        add(study, "notes", str(row["value"]), type="fact", subject=row["fact"])


def titles(citation: Element, release: Release, locale: str) -> None:
    """Add the title in every locale, `locale` first, and the identifiers of the release."""
    first, *others = locale_first(release.title, locale)
    statement = add(citation, "titlStmt")
    add(statement, "titl", first[1], lang=first[0])
    for language, text in others:
        add(statement, "parTitl", text, lang=language)
    add(statement, "IDNo", f"{release.study}, wave {release.wave}", agency="study")
    add(statement, "IDNo", release.digest, agency="SHA-256 of the signed release")


def _citation(study: Element, release: Release, locale: str) -> None:
    citation, about = add(study, "citation"), release.about
    titles(citation, release, locale)
    if about:
        _responsible(citation, about, locale)
    distribution = add(citation, "distStmt")
    by, contact = (about.text(name, locale) if about else None for name in ("organisation", "contact"))
    if by:
        add(distribution, "distrbtr", by, lang=locale)
    if contact:
        add(distribution, "contact", contact)
    add(distribution, "distDate", release.day, date=release.day)
    add(add(citation, "verStmt"), "version", release.digest, date=release.day)
    add(citation, "biblCit", citation_text(release, locale), lang=locale)
    if about and about.url:
        add(citation, "holdings", release.title[locale], URI=about.url, lang=locale)


def _responsible(citation: Element, about: StudyMetadata, locale: str) -> None:
    statement = add(citation, "rspStmt")
    for author in about.authors:
        attributes = {"affiliation": author.affiliation} if author.affiliation else {}
        if author.orcid:
            attributes |= {"agentIdentifier": author.orcid, "typeOfAgentIdentifier": "ORCID"}
        add(statement, "AuthEnty", author.name, **attributes)
    production = add(citation, "prodStmt")
    if by := about.text("organisation", locale):
        add(production, "producer", by, lang=locale)
    for funder in about.funders:
        add(production, "fundAg", funder)


def _authorization(study: Element, about: StudyMetadata, locale: str) -> None:
    statements = [(name, about.text(name, locale)) for name in ("ethics", "permit")]
    if any(text for _, text in statements):
        authorization = add(study, "studyAuthorization")
        for name, text in statements:
            if text:
                add(authorization, "authorizationStatement", f"{name.capitalize()}: {text}", lang=locale)


def _information(study: Element, release: Release, locale: str) -> None:
    information, about = add(study, "stdyInfo"), release.about
    if about and about.keywords:
        subject = add(information, "subject")
        for keyword in about.keywords:
            add(subject, "keyword", keyword)
    for language, text in locale_first(about.abstract, locale) if about and about.abstract else ():
        add(information, "abstract", text, lang=language)
    summary = add(information, "sumDscr")
    _days(summary, release.fieldwork)
    for country in about.countries if about else ():
        add(summary, "nation", country, abbr=country)
    coded(summary, "anlyUnit", release.unit, "Individual", "DDI Analysis Unit")
    for language, text in locale_first(about.population, locale) if about and about.population else ():
        add(summary, "universe", text, lang=language, clusion="I")
    add(summary, "universe", f"{release.box.count} records of the closed wave {release.wave}, readable or not")
    add(summary, "dataKind", "Aggregate data: contingency tables with differentially private noise")


def _days(summary: Element, fieldwork: Fieldwork | None) -> None:
    if fieldwork:
        for tag in ("timePrd", "collDate"):
            for event, day in (("start", fieldwork.opened), ("end", fieldwork.closed)):
                add(summary, tag, day, event=event, date=day)


def _method(study: Element, release: Release, locale: str) -> None:
    method = add(study, "method")
    _collection(add(method, "dataColl"), release, locale)
    budget, mechanism = release.budget, release.mechanism
    add(
        method,
        "notes",
        f"{release_rows.METHOD} {mechanism.name}, {mechanism.library} {mechanism.version}.",
        type="privacy method",
    )
    spent = f"rho {rho_text(budget.cost)} for this release, {rho_text(budget.spent)} of {rho_text(budget.total)} so far"
    add(method, "notes", f"{spent}: epsilon {epsilon_text(budget.epsilons)}.", type="privacy budget")
    analysis = add(method, "anlyInfo")
    if release.fieldwork:
        add(analysis, "respRate", _participation(release.fieldwork, locale))
    margins = "Every margin is a 95 % half-width that holds sampling and noise; those of cells hold the noise alone."
    add(analysis, "EstSmpErr", margins)
    add(analysis, "dataAppr", "; ".join(release.notes) or "no warnings")


def _collection(collection: Element, release: Release, locale: str) -> None:
    is_open = release.mode == "open"
    coded(collection, "timeMeth", "One wave", "CrossSection", "DDI Time Method")
    by = release.about and release.about.text("organisation", locale)
    if by:
        add(collection, "dataCollector", by, lang=locale)
    sampling = release.about.text("sampling", locale) if release.about else None
    procedure = "Nonprobability.Availability" if is_open else "Other"
    coded(collection, "sampProc", " ".join(filter(None, (sampling, OPEN if is_open else INVITED))), procedure, SAMPLING)
    mode = "Web questionnaire, sealed on the respondent's device (HPKE)"
    coded(collection, "collMode", mode, "SelfAdministeredQuestionnaire.CAWI", "DDI Mode of Collection")
    for margin in release.margins or ():
        written = {"dimension": margin.dimension, "of": margin.of, "source": margin.source}
        status = sentence(f"status-{margin.status}", locale)
        add(collection, "weight", sentence("ddi-weight", locale, **written, status=status))


def _participation(fieldwork: Fieldwork, locale: str) -> str:
    if fieldwork.participation is None:
        return sentence("ddi-participation-open", locale, answered=fieldwork.answered)
    numbers = {"invited": fieldwork.invited, "issued": fieldwork.issued, "answered": fieldwork.answered}
    return sentence("ddi-participation", locale, **numbers, participation=f"{fieldwork.participation:.1%}")


def _access(study: Element, release: Release, locale: str) -> None:
    access, about = add(study, "dataAccs"), release.about
    vocabulary = "info:eu-repo-Access-Terms vocabulary"
    add(access, "typeOfAccess", "info:eu-repo/semantics/openAccess", vocab=vocabulary)
    add(add(access, "setAvail"), "avlStatus", ACCESS)
    if about and about.licence:
        add(access, "license", about.licence, URI=f"https://spdx.org/licenses/{about.licence}")
    use = add(access, "useStmt")
    add(use, "confDec", CONFIDENTIAL.format(unit=release.unit), required="no")
    conditions = about.text("access", locale) if about else None
    licence = f"The tables are published under {about.licence}." if about and about.licence else ""
    add(use, "restrctn", " ".join(filter(None, (conditions, licence, ACCESS))))
    add(use, "citReq", citation_text(release, locale))
    if release.demo:
        add(use, "disclaimer", "Demonstration: every answer was invented by a computer.")
    else:
        add(use, "disclaimer", "Estimates are uncertain by sampling and by noise. Read each with its margin.")
