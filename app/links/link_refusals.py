"""Refusals of links as errors of the API."""

from thapcanh.alerts.links.link_records import LinkRefused, SiteLinkRefusal
from thapcanh.app.web_api.errors import ApiError

_STATUS = {
    SiteLinkRefusal.CODE_UNKNOWN: 403,
    SiteLinkRefusal.CODE_USED: 403,
    SiteLinkRefusal.CODE_EXPIRED: 403,
    SiteLinkRefusal.CODE_WRONG: 403,
    SiteLinkRefusal.UNKNOWN: 404,
    SiteLinkRefusal.NOT_LINKED: 404,
    SiteLinkRefusal.ENDED: 410,
    SiteLinkRefusal.SIGNATURE: 403,
    SiteLinkRefusal.UNREADABLE: 422,
    SiteLinkRefusal.FLOOD: 429,
    SiteLinkRefusal.NOT_A_PICTURE: 422,
}


def refusal(refused: LinkRefused, **extra: object) -> ApiError:
    """Return the error of the API for a refusal."""
    headers = {"Retry-After": "2"} if refused.why is SiteLinkRefusal.FLOOD else None
    status = _STATUS.get(refused.why, 409)
    why = refused.detail or refused.why.value
    return ApiError(status, refused.why.value, headers=headers, extra=extra, why=why)
