"""Publishes registered plans on the collection host, which so attests that they existed before the box."""

from pathlib import Path

from sqlmodel import Session, select

from survey.document import dated_ahead, today
from survey.errors import OfficeError
from survey.office_db.acts import Act
from survey.office_db.tables import (
    PublishedRelease,
    RegisteredPlan,
    Study,
    Wave,
    document,
    store_document,
)
from survey.operations.checks import documents
from survey.operations.registrations import registrations
from survey.operations.transaction import note_act, office_session, publishing
from survey.plan.plan import Plan
from survey.plan.plan_rules import fault_text, plan_faults
from survey.plan.registration import Registration, RegistrationError
from survey.public_log import log_events
from survey.publication.folder import Published
from survey.questionnaire.questionnaire import Questionnaire
from survey.settings import Settings
from survey.wave.manifest import Manifest


class PlanRefusedError(OfficeError):
    """A plan that is not published; nothing was changed, and the message says what to do."""


def publish_plan(settings: Settings, path: Path) -> str:
    """
    Publish a plan that the analysis host registered; return its hash. Publishing it again is harmless.

    `path` is the folder that `sotto plan register` wrote, or the plan.json in it. Raises DocumentError for other
    bytes, and what `register_plan` raises.
    """
    folder = path.parent if path.name == "plan.json" else path
    plan, registration = Plan.from_file(folder / "plan.json"), Registration.from_file(folder / "registration.json")
    return register_plan(settings, plan, registration)


def register_plan(settings: Settings, plan: Plan, registration: Registration) -> str:
    """
    Publish a plan with its registration; return its hash. Publishing it again is harmless.

    Raises PlanRefusedError for a plan of another study, one that the questionnaire cannot answer, one whose parent is
    not published, one that withdraws a plan that is not published or has a release, a registration that is dated
    after today, or one that the study's key did not sign. Every plan of a study but the first names its
    parent, so that none stands beside another.
    """
    with office_session(settings) as session:
        _check(session, plan, registration)
        _keep(session, plan, registration)
    public = Published(settings.public)
    with publishing():
        public.write_document("plans", plan.to_bytes())
        public.write_registration(plan.digest, registration.to_bytes())
        log_events.plan_published(settings, plan, registration)
    return plan.digest


def _keep(session: Session, plan: Plan, registration: Registration) -> None:
    name = store_document(session, "plan", plan.to_bytes())
    if session.get(RegisteredPlan, name) is None:
        store_document(session, "registration", registration.to_bytes())
        row = RegisteredPlan(hash=name, study=plan.study, wave=plan.wave, nano_rho=plan.nano_rho, since=today())
        session.add(row)
        note_act(session, Act.PLAN_PUBLISHED, f"{plan.study} {plan.wave} {name}")


def _check(session: Session, plan: Plan, registration: Registration) -> None:
    study = session.get(Study, plan.study)
    if study is None:
        raise PlanRefusedError(f"there is no study {plan.study} here: compile it first (`sotto study new`)")
    questionnaire = _asked(session, study, plan.wave)
    for fault in plan_faults(plan, questionnaire):
        raise PlanRefusedError(fault_text(fault))
    try:
        signer = registration.check(plan).fingerprint
    except RegistrationError as error:
        raise PlanRefusedError(str(error)) from None
    if ahead := dated_ahead(registration.day):
        raise PlanRefusedError(f"the plan's registration is not published: {ahead} (nothing was published)")
    for wave in session.exec(select(Wave).where(Wave.study == plan.study)):
        if Manifest.from_bytes(document(session, wave.manifest)).signer != signer:
            raise PlanRefusedError("the plan was registered with another key than the one that signs this study")
    if session.get(RegisteredPlan, plan.digest) is None:
        _require_parent(session, plan)
        _require_unpaid(session, registration)


def _asked(session: Session, study: Study, number: int) -> Questionnaire:
    """Return what a wave asked, or what the next one is to ask."""
    wave = session.get(Wave, (study.slug, number))
    if wave is None:
        return documents(session, study)[0]
    manifest = Manifest.from_bytes(document(session, wave.manifest))
    return Questionnaire.from_bytes(document(session, manifest.questionnaire))


def _require_parent(session: Session, plan: Plan) -> None:
    published = {one.hash for one in session.exec(select(RegisteredPlan).where(RegisteredPlan.study == plan.study))}
    if plan.parent and plan.parent not in published:
        raise PlanRefusedError(f"the plan's parent is not published for {plan.study}: publish that one first")
    if published and plan.parent is None:
        raise PlanRefusedError(
            f"{plan.study} has a plan already: another names the one that it amends as its `parent`, by its hash"
        )


def _require_unpaid(session: Session, registration: Registration) -> None:
    """Raise PlanRefusedError unless every plan that is withdrawn is published here and has no published release."""
    known = registrations(session, registration.study)
    for name in registration.instead:
        if name not in known:
            raise PlanRefusedError(
                f"the plan is registered instead of {name[:8]}, which is not published: publish that one first, so "
                "that everybody sees what was withdrawn"
            )
        if session.exec(select(PublishedRelease).where(PublishedRelease.plan == name)).first():
            raise PlanRefusedError(f"the plan is registered instead of {name[:8]}, of which a release is published")
