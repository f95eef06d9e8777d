"""The page of a wave's fieldwork: how far it has come, its links, its batches, what to say, how devices are set up."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import segno
from flask import Blueprint, Response, abort, render_template, request
from flask_wtf import FlaskForm  # type: ignore[import-untyped]  # it has no types
from markupsafe import Markup
from wtforms import SelectField, StringField
from wtforms.validators import Length

from survey.desk_app.checklist.commands import Command, for_fieldwork
from survey.desk_app.request_views import may_ask
from survey.desk_app.signed_in import Frame, frame, office, require_study, staff_only
from survey.office_db import study_status
from survey.office_db.wave_record import WaveRecord, wave_record
from survey.wave.respondent_link import LinkError, respondent_link
from survey.web.headers import DESK_POLICY
from survey.web.responses import page_response
from survey.wording.page_languages import NAMES, load_languages

bp = Blueprint("fieldwork", __name__)
WAYS = {"phone": "", "kiosk": "&m=kiosk", "assisted": "&m=assisted", "kit": "&m=assisted"}
"""How a device is used, and what that adds to a respondent's link; the field kit has a page of its own."""
REMINDERS = {
    "open": (
        "The survey that you were told of is still open. Taking part is your choice, and nobody can see whether you "
        "did. Use the link or the square that you were given. If you have answered already, there is nothing to do."
    ),
    "invitation": (
        "The survey that you have a slip for is still open. Taking part is your choice, and nobody can see whether you "
        "did. Scan your slip with your phone's camera; if you lost it, ask for another. If you have answered already, "
        "there is nothing to do."
    ),
}
"""What to say once more, by a study's mode: messages of survey/interface/*/pages.po. None names a topic."""
LONGEST_ADDRESS = 300


class AddressForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Where phones reach the survey, as whoever looks knows it: a form, so that no link from elsewhere fills it in."""

    address = StringField(validators=[Length(max=LONGEST_ADDRESS)])
    stratum = SelectField(validate_choice=True)


@dataclass(frozen=True)
class DeviceLink:
    """One link: how the device is used, the address, and its square as SVG."""

    way: str
    address: str
    square: Markup


@dataclass(frozen=True)
class FieldworkPage:
    """The data of the page; `reminders` are (locale, text), `fault` says that the address is none."""

    frame: Frame
    study: str
    record: WaveRecord
    form: AddressForm
    links: tuple[DeviceLink, ...]
    fault: bool
    reminders: Mapping[str, str]
    commands: tuple[Command, ...]
    may_close: bool


@bp.route("/studies/<study>/waves/<int:wave>/fieldwork", methods=["GET", "POST"])
@staff_only
def page(study: str, wave: int) -> Response:
    """Show what people in the field need; to an address that is typed, the wave's links and squares."""
    with office() as database:
        found = study_status.study(database, require_study(study)) or abort(HTTPStatus.NOT_FOUND)
        record = wave_record(database, study, wave) or abort(HTTPStatus.NOT_FOUND)
    form = AddressForm()
    form.stratum.choices = [(name, name) for name in record.strata]
    pin = next((one.pin for one in found.waves if one.number == wave and one.state == "open"), "")
    links, fault = _asked_links(form, study, pin) if request.method == "POST" else ((), False)
    reminders = {locale: load_languages()[locale].say(REMINDERS[record.mode]) for locale in NAMES}
    data = FieldworkPage(
        frame(), study, record, form, links, fault, reminders, for_fieldwork(record), pin != "" and may_ask(study)
    )
    response = page_response(render_template("desk/fieldwork.html", page=data), DESK_POLICY)
    response.status_code = HTTPStatus.BAD_REQUEST if fault else HTTPStatus.OK
    return response


def _asked_links(form: AddressForm, study: str, pin: str) -> tuple[tuple[DeviceLink, ...], bool]:
    """Return the links of an open wave at the address of a form, and whether there can be none of it."""
    if not pin or not form.validate():
        return (), True
    try:
        link = respondent_link((form.address.data or "").strip(), study, pin, form.stratum.data)
    except LinkError:
        return (), True
    return tuple(_device_link(link, study, way) for way in WAYS), False


def _device_link(link: str, study: str, way: str) -> DeviceLink:
    own = link.replace(f"/s/{study}#", f"/k/{study}#", 1) if way == "kit" else link
    address = own + WAYS[way]
    square = segno.make(address, error="m", micro=False).svg_inline(border=4, light="#fff", omitsize=True)
    return DeviceLink(way, address, Markup(square))  # noqa: S704 - drawn here, from modules alone
