"""Who may call what: one row an endpoint, and nothing is reachable without a row.

An endpoint of ours that is missing here is refused to everybody (and a test fails). What of the
cameras and alerts a person then sees is decided by `scope`, not here. A person may have several
roles; an admin's alone gives no right to act on alerts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.lifecycle.roles import AlertAction, Role, may
from app.api.prefix import PREFIX


@dataclass(frozen=True, slots=True)
class PublicEndpoint:
    """Reachable without login."""


Access = PublicEndpoint | frozenset[Role]

OPEN = PublicEndpoint()
EVERYONE = frozenset(Role)
ON_DUTY = frozenset({Role.OPERATOR, Role.LEADER})
ANSWERS = ON_DUTY | {Role.TECHNICIAN}  # a technician answers the watch's own troubles only
AT_A_SCREEN = ON_DUTY | {Role.VIEWER}  # whose screens count as "an alert was shown"
TAKES_AWAY = EVERYONE - {Role.VIEWER}  # files that leave the screen; each is logged
ENGINEERS = frozenset({Role.LEADER, Role.TECHNICIAN, Role.ADMIN, Role.AUDITOR})
HOLDS = frozenset({Role.LEADER, Role.ADMIN})  # evidence that must not go; nothing of the alert
SEES_DRILLS = frozenset({Role.LEADER, Role.AUDITOR})  # not who is drilled: it tells the answer

PERMISSIONS: Mapping[tuple[str, str], Access] = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/metrics"): OPEN,  # the token in `[metrics]` is the login; without one there is none
    ("POST", f"{PREFIX}/session"): OPEN,
    ("GET", f"{PREFIX}/oidc"): OPEN,
    ("GET", f"{PREFIX}/oidc/login"): OPEN,
    ("GET", f"{PREFIX}/oidc/callback"): OPEN,  # the provider's word is the login
    ("GET", f"{PREFIX}/session"): EVERYONE,
    ("DELETE", f"{PREFIX}/session"): EVERYONE,
    ("GET", f"{PREFIX}/openapi.json"): EVERYONE,
    ("GET", f"{PREFIX}/alerts"): EVERYONE,
    ("GET", f"{PREFIX}/alerts/{{alert_id}}"): EVERYONE,
    ("POST", f"{PREFIX}/alerts/{{alert_id}}/acknowledge"): ANSWERS,
    ("POST", f"{PREFIX}/alerts/{{alert_id}}/confirm"): ANSWERS,
    ("POST", f"{PREFIX}/alerts/{{alert_id}}/reject"): ANSWERS,
    ("POST", f"{PREFIX}/alerts/{{alert_id}}/close"): ANSWERS,
    ("POST", f"{PREFIX}/alerts/{{alert_id}}/reopen"): frozenset({Role.LEADER, Role.TECHNICIAN}),
    ("POST", f"{PREFIX}/alerts/{{alert_id}}/claim"): ANSWERS,
    ("POST", f"{PREFIX}/alerts/{{alert_id}}/hand_over"): ANSWERS,
    ("POST", f"{PREFIX}/alerts/{{alert_id}}/note"): ANSWERS,
    ("POST", f"{PREFIX}/alerts/{{alert_id}}/rendered"): AT_A_SCREEN,
    ("GET", f"{PREFIX}/alerts/{{alert_id}}/chain"): EVERYONE,
    ("GET", f"{PREFIX}/alerts/{{alert_id}}/case.zip"): TAKES_AWAY,
    ("GET", f"{PREFIX}/shelves"): EVERYONE,
    ("POST", f"{PREFIX}/shelves"): ON_DUTY,
    ("POST", f"{PREFIX}/shelves/{{shelf_id}}/end"): ON_DUTY,
    ("GET", f"{PREFIX}/history/count"): EVERYONE,
    ("GET", f"{PREFIX}/history/export.csv"): TAKES_AWAY,
    ("GET", f"{PREFIX}/history/export.xlsx"): TAKES_AWAY,
    ("GET", f"{PREFIX}/report"): EVERYONE,
    ("GET", f"{PREFIX}/report/desk"): EVERYONE,
    ("GET", f"{PREFIX}/report/export.xlsx"): TAKES_AWAY,
    ("GET", f"{PREFIX}/shift"): EVERYONE,
    ("GET", f"{PREFIX}/shift/recent"): EVERYONE,
    ("GET", f"{PREFIX}/shift/sheet"): ON_DUTY,
    ("POST", f"{PREFIX}/shift/take"): ON_DUTY,
    ("POST", f"{PREFIX}/shift/handover"): ON_DUTY,
    ("POST", f"{PREFIX}/shift/handover/{{handover_id}}/accept"): ON_DUTY,
    ("POST", f"{PREFIX}/shift/handover/{{handover_id}}/withdraw"): ON_DUTY,
    ("POST", f"{PREFIX}/shift/{{shift_id}}/end"): frozenset({Role.LEADER}),
    ("POST", f"{PREFIX}/alerts/{{alert_id}}/hold"): HOLDS,
    ("POST", f"{PREFIX}/alerts/{{alert_id}}/release"): HOLDS,
    ("GET", f"{PREFIX}/holds"): HOLDS | {Role.AUDITOR},
    ("GET", f"{PREFIX}/drills"): SEES_DRILLS,
    ("GET", f"{PREFIX}/drills/scenarios"): SEES_DRILLS,
    ("POST", f"{PREFIX}/drills"): frozenset({Role.LEADER}),
    ("POST", f"{PREFIX}/drills/{{drill_id}}/end"): frozenset({Role.LEADER}),
    ("GET", f"{PREFIX}/stream"): EVERYONE,
    ("GET", f"{PREFIX}/evidence/{{evidence_id}}"): EVERYONE,
    ("GET", f"{PREFIX}/cameras"): EVERYONE,
    ("GET", f"{PREFIX}/coverage"): EVERYONE,
    ("GET", f"{PREFIX}/cameras/{{camera_id}}/history"): EVERYONE,
    ("POST", f"{PREFIX}/cameras/{{camera_id}}/whep"): EVERYONE,
    ("DELETE", f"{PREFIX}/cameras/{{camera_id}}/whep/{{viewer_id}}"): EVERYONE,
    ("GET", f"{PREFIX}/cameras/{{camera_id}}/still.jpg"): EVERYONE,
    ("GET", f"{PREFIX}/cameras/{{camera_id}}/mjpeg"): EVERYONE,
    ("POST", f"{PREFIX}/phone-links"): ON_DUTY,
    ("GET", f"{PREFIX}/phone-links"): ON_DUTY,
    ("DELETE", f"{PREFIX}/phone-links/{{link_id}}"): ON_DUTY,
    ("GET", f"{PREFIX}/phone-feeds/{{camera_id}}"): OPEN,  # the centre's key is the login
    ("POST", f"{PREFIX}/phone/{{token}}/whip"): OPEN,  # the link's code is the login
    ("DELETE", f"{PREFIX}/phone/{{token}}/whip/{{publisher_id}}"): OPEN,
    ("GET", f"{PREFIX}/workers"): ENGINEERS,
    ("GET", f"{PREFIX}/site"): EVERYONE,
    ("GET", f"{PREFIX}/map/{{path:path}}"): EVERYONE,
    ("GET", f"{PREFIX}/cameras/{{camera_id}}/shapes"): EVERYONE,
    ("GET", f"{PREFIX}/nuisances"): EVERYONE,
    ("POST", f"{PREFIX}/probe"): frozenset({Role.TECHNICIAN, Role.ADMIN}),
    ("POST", f"{PREFIX}/walls"): frozenset({Role.LEADER, Role.ADMIN}),
    ("POST", f"{PREFIX}/walls/session"): OPEN,  # the link's code is the login
    ("GET", "/{path:path}"): OPEN,  # the front end's files; they hold no data of the site
}

# The order in which one role stands for all of a person's, where only one can be shown.
_MOST_TELLING = (
    Role.LEADER,
    Role.OPERATOR,
    Role.TECHNICIAN,
    Role.ADMIN,
    Role.AGENCY,
    Role.AUDITOR,
    Role.VIEWER,
)


def access_of(method: str, path: str) -> Access:
    """Return who may call an endpoint; nobody when it has no row."""
    return PERMISSIONS.get((method, path), frozenset())


def main_role(roles: frozenset[Role]) -> Role:
    """Return the one role to show for a person with these."""
    return next(role for role in _MOST_TELLING if role in roles)


def acting_role(roles: frozenset[Role], action: AlertAction) -> Role:
    """Return the role in which a person with these does something to an alert."""
    able = [role for role in _MOST_TELLING if role in roles and may(role, action)]
    if not able and Role.TECHNICIAN in roles:
        return Role.TECHNICIAN  # may act on the system's own alerts; the archive judges
    return able[0] if able else main_role(roles)
