"""The page of the server, for owners and auditors: each check with its result, since when, and what to do."""

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, Response, render_template

from survey.desk_app.signed_in import AUDIT, Frame, for_roles, frame, now, office, staff_only
from survey.office_db.compaction_days import CompactionDays, compaction_days
from survey.office_db.health import Health, health
from survey.web.headers import DESK_POLICY
from survey.web.responses import page_response

bp = Blueprint("server", __name__)


@dataclass(frozen=True)
class HealthPage:
    """The data of the server's page."""

    frame: Frame
    health: Health
    compaction: CompactionDays


@bp.get("/server")
@staff_only
@for_roles(*AUDIT)
def page() -> Response:
    """Show what the last look found, and the day of the last compaction as it is now."""
    day = dt.datetime.fromtimestamp(now(), tz=dt.UTC).date()
    with office() as database:
        data = HealthPage(frame(), health(database, day), compaction_days(database, day))
    return page_response(render_template("desk/server.html", page=data), DESK_POLICY)
