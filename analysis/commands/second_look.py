"""Shows what is odd about a plan that is about to be announced or paid for, and asks."""

from analysis.commands.confirm import confirm
from analysis.commands.plan import budget_of
from analysis.planning.second_look import Standing, release_doubts
from analysis.releasing.run import PreparedRun
from analysis.study.registration import registration_of


def look_at(prepared: PreparedRun, step: str, *, yes: bool) -> None:
    """Ask where something is odd about what was checked; raise NotConfirmedError where nobody says yes to `step`."""
    folder, plan = prepared.request.folder, prepared.request.plan
    registered = registration_of(folder, plan) is not None
    standing = Standing(prepared.charge.count, registered=registered, late=prepared.late)
    doubts = release_doubts(plan, prepared.questionnaire, standing, budget_of(folder.root))
    confirm(doubts, step, yes=yes)
