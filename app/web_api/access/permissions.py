"""The sets of roles that endpoints permit, and which of a person's roles stands for all."""

from thapcanh.alerts.store.roles import AlertAction, Role, may
from thapcanh.app.web_api.access.endpoint_access import PublicEndpoint

OPEN = PublicEndpoint()
EVERYONE = frozenset(Role) - {Role.CREW}
CREWS = frozenset({Role.CREW})  # a unit's phone; what it sees is what its unit was sent to
ANYBODY = EVERYONE | CREWS
ADMINS = frozenset({Role.ADMIN})
FACTORED = frozenset({Role.LEADER, Role.ADMIN})  # whose login may have a second factor
READS_VIEWINGS = frozenset({Role.LEADER, Role.AUDITOR})  # who saw what
ON_DUTY = frozenset({Role.OPERATOR, Role.LEADER})
SEES_NUMBERS = ON_DUTY  # whole telephone numbers of callers; others see the last two digits
REDACTS = frozenset({Role.LEADER})  # personal data of callers, for good
ANSWERS = ON_DUTY | {Role.TECHNICIAN}  # a technician answers the watch's own troubles only
AT_A_SCREEN = ON_DUTY | {Role.VIEWER}  # whose screens count as "an alert was shown"
EXPORTS = EVERYONE - {Role.VIEWER}  # files that leave the screen; each is logged
UNBLURS = frozenset({Role.LEADER})  # takes people and plates away unhidden, for a stated purpose
ENGINEERS = frozenset({Role.LEADER, Role.TECHNICIAN, Role.ADMIN, Role.AUDITOR})
HOLDS = frozenset({Role.LEADER, Role.ADMIN})  # evidence that must not go; nothing of the alert
EDITS_FACILITIES = ON_DUTY | {Role.TECHNICIAN, Role.ADMIN}
EDITS_LISTS = HOLDS | {Role.TECHNICIAN}  # whole lists of facilities and devices
SEES_DRILLS = frozenset({Role.LEADER, Role.AUDITOR})  # not who is drilled: it tells the answer

# The order in which one role stands for all of a person's, where only one can be shown.
_MOST_TELLING = (
    Role.LEADER,
    Role.OPERATOR,
    Role.TECHNICIAN,
    Role.ADMIN,
    Role.AGENCY,
    Role.AUDITOR,
    Role.VIEWER,
    Role.CREW,
)


def main_role(roles: frozenset[Role]) -> Role:
    """Return the one role to display for a person."""
    return next(role for role in _MOST_TELLING if role in roles)


def acting_role(roles: frozenset[Role], action: AlertAction) -> Role:
    """Return the role in which a person with these does something to an alert."""
    able = [role for role in _MOST_TELLING if role in roles and may(role, action)]
    if not able and Role.TECHNICIAN in roles:
        return Role.TECHNICIAN  # may act on the system's own alerts; the archive judges
    return able[0] if able else main_role(roles)
