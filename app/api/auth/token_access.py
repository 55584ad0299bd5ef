"""What programs may do with a token: one power an endpoint; an endpoint not named is not for them.

The table of rights (`permissions`) holds for tokens as for people; this only narrows it. Programs
do not log in, do not go on duty, make no links, try no addresses, and are no screen.
"""

from collections.abc import Mapping

from app.api.auth.token_scopes import TokenScope
from app.api.prefix import PREFIX

_POWERS: Mapping[TokenScope, tuple[tuple[str, str], ...]] = {
    TokenScope.READ: (
        ("GET", "/session"),
        ("GET", "/openapi.json"),
        ("GET", "/alerts"),
        ("GET", "/alerts/{alert_id}"),
        ("GET", "/alerts/{alert_id}/chain"),
        ("GET", "/history/count"),
        ("GET", "/report"),
        ("GET", "/report/desk"),
        ("GET", "/stream"),
        ("GET", "/cameras"),
        ("GET", "/cameras/{camera_id}/shapes"),
        ("GET", "/cameras/{camera_id}/history"),
        ("GET", "/coverage"),
        ("GET", "/shelves"),
        ("GET", "/nuisances"),
        ("GET", "/workers"),
        ("GET", "/site"),
    ),
    TokenScope.PICTURES: (
        ("GET", "/evidence/{evidence_id}"),
        ("POST", "/cameras/{camera_id}/whep"),
        ("DELETE", "/cameras/{camera_id}/whep/{viewer_id}"),
        ("GET", "/cameras/{camera_id}/still.jpg"),
        ("GET", "/cameras/{camera_id}/mjpeg"),
    ),
    TokenScope.EXPORT: (
        ("GET", "/alerts/{alert_id}/case.zip"),
        ("GET", "/history/export.csv"),
        ("GET", "/history/export.xlsx"),
        ("GET", "/report/export.xlsx"),
    ),
    TokenScope.ANSWER: (
        ("POST", "/alerts/{alert_id}/acknowledge"),
        ("POST", "/alerts/{alert_id}/confirm"),
        ("POST", "/alerts/{alert_id}/reject"),
        ("POST", "/alerts/{alert_id}/close"),
        ("POST", "/alerts/{alert_id}/reopen"),
        ("POST", "/alerts/{alert_id}/note"),
    ),
}
POWERS: Mapping[tuple[str, str], TokenScope] = {
    (method, PREFIX + path): power
    for power, endpoints in _POWERS.items()
    for method, path in endpoints
}


def power_for(method: str, path: str) -> TokenScope | None:
    """Return what a token must have been made for; None where no token is taken."""
    return POWERS.get((method, path))
