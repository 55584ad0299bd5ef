"""Whether an alert can be given into hands that know, are awake, and may see and answer it."""

from alerts.archive.shift_book import ShiftBook
from alerts.life import Why
from alerts.roles import Action, may
from alerts.system_event import is_system
from app.api.access import Caller
from app.api.parts import Parts
from app.api.permissions import ON_DUTY
from app.api.scope import scope_in_force


def why_refused(to: str, alert_id: str, caller: Caller, here: Parts) -> Why | None:
    """Why this person cannot take the alert over; nothing when they can.

    Who answers by shifts must have taken theirs: an alert is not handed to somebody asleep.
    """
    archive = here.services.archive
    alert = archive.alert(alert_id, caller.scope)
    user = archive.user(to)
    if alert is None:
        return None  # the command itself says so
    if user is None or user.disabled or to == caller.session.user.username:
        return Why.PERSON_UNKNOWN
    scope = scope_in_force(user.roles, user.scope, here.services.site().areas)
    system = is_system(alert.kind)
    able = {role for role in user.roles if may(role, Action.ACKNOWLEDGE, system=system)}
    if not able or not scope.sees(alert.agency, alert.area):
        return Why.PERSON_UNKNOWN
    on_duty = {shift.username for shift in ShiftBook(archive.database).on_duty()}
    return None if to in on_duty or not able & ON_DUTY else Why.RECEIVER_OFF_DUTY
