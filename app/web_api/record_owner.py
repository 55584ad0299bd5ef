"""Validation of a record's agency and area, which must be listed."""

from thapcanh.alerts.store.wrong_line import WrongCell
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.errors import ApiError
from thapcanh.config.site import Agency, Area

_MOST_NAMED = 12


def require_listed_owner(
    caller: CurrentUser, state: AppState, agency: str | None, area: str | None
) -> None:
    """Raise `ApiError` 422 where the agency or the area is not listed."""
    wrong = unlisted_owner(caller, state, agency, area)
    if wrong is not None:
        field, cell, known = (wrong.facts[name] for name in ("column", "cell", "known"))
        extra = {"field": f"body.{field}"}
        raise ApiError(422, wrong.code, extra=extra, cell=cell, known=known)


def unlisted_owner(
    caller: CurrentUser, state: AppState, agency: str | None, area: str | None
) -> WrongCell | None:
    """Return the problem of an unlisted agency or area, with those that the caller may name."""
    site, scope = state.services.site(), caller.scope
    if agency is not None and all(item.id != agency for item in site.agencies):
        known = _named(site.agencies, scope.agencies)
        return WrongCell("agency_unlisted", cell=agency, known=known, column="agency")
    if area is not None and all(item.id != area for item in site.areas):
        known = _named(site.areas, scope.areas)
        return WrongCell("area_unlisted", cell=area, known=known, column="area")
    return None


def _named(listed: tuple[Agency, ...] | tuple[Area, ...], scope: frozenset[str] | None) -> str:
    allowed = [f"{item.id} ({item.name})" for item in listed if scope is None or item.id in scope]
    more = ", …" if len(allowed) > _MOST_NAMED else ""
    return (", ".join(allowed[:_MOST_NAMED]) or "—") + more
