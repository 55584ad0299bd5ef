"""Whether an alert can be given into hands that know, are awake, and may see and answer it."""

from alerts.alert.alert_state import TransitionReason
from alerts.queue.system_events import is_system
from alerts.shifts.shifts import ShiftRepository
from alerts.store.roles import AlertAction, may
from app.web_api.access.access import CurrentUser
from app.web_api.access.data_filter import scope_in_force
from app.web_api.access.permissions import ON_DUTY
from app.web_api.app_state import AppState


def why_refused(
    to: str, alert_id: str, caller: CurrentUser, here: AppState
) -> TransitionReason | None:
    """Why this person cannot take the alert over; None when they can.

    Who answers by shifts must have taken theirs: an alert is not handed to somebody asleep.
    """
    archive = here.services.archive
    alert = archive.alert(alert_id, caller.scope)
    user = archive.user(to)
    if alert is None:
        return None  # the command itself says so
    if user is None or user.disabled or to == caller.session.user.username:
        return TransitionReason.PERSON_UNKNOWN
    scope = scope_in_force(user.roles, user.scope, here.services.site().areas)
    system = is_system(alert.kind)
    able = {role for role in user.roles if may(role, AlertAction.ACKNOWLEDGE, system=system)}
    if not able or not scope.sees(alert.agency, alert.area):
        return TransitionReason.PERSON_UNKNOWN
    on_duty = {shift.username for shift in ShiftRepository(archive.database).on_duty()}
    return None if to in on_duty or not able & ON_DUTY else TransitionReason.RECEIVER_OFF_DUTY
