"""The site's own names and map: of itself, its agencies and its areas, so no screen shows an id."""

from fastapi import APIRouter

from alerts.roles import Scope
from app.api.access import Asking
from app.api.forms import Form
from app.api.parts import Here
from app.api.permissions import PREFIX
from app.api.site_map import MapFacts, map_facts
from config.site import Agency, Area, Site

router = APIRouter(prefix=PREFIX, tags=["site"])


class Named(Form):
    """An agency, with the phone to call where its camera is dark; or an area, in another."""

    id: str
    name: str
    parent: str | None = None
    phone: str | None = None


class ShownSite(Form):
    """What the site calls itself and its parts, as far as the caller may see them."""

    name: str
    locale: str
    agencies: list[Named]
    areas: list[Named]
    map: MapFacts | None


@router.get("/site")
def the_site(caller: Asking, here: Here) -> ShownSite:
    """The site's names and which map there is; nothing of its cameras."""
    site = here.services.site()
    agencies, areas = _seen_agencies(site, caller.scope), _seen_areas(site, caller.scope)
    return ShownSite(
        name=site.site.name,
        locale=site.site.locale,
        agencies=[Named(id=one.id, name=one.name, phone=one.phone) for one in agencies],
        areas=[Named(id=one.id, name=one.name, parent=one.parent) for one in areas],
        map=map_facts(site.site.map),
    )


def _seen_agencies(site: Site, scope: Scope) -> list[Agency]:
    seen = scope.agencies
    return [agency for agency in site.agencies if seen is None or agency.id in seen]


def _seen_areas(site: Site, scope: Scope) -> list[Area]:
    """The areas in the scope, and those above them: a ward is shown in its city."""
    if scope.areas is None:
        return list(site.areas)
    parents = {area.id: area.parent for area in site.areas}
    seen: set[str] = set()
    for area_id in scope.areas:
        above: str | None = area_id
        while above is not None and above not in seen:  # a circle in the tree must not hang us
            seen.add(above)
            above = parents.get(above)
    return [area for area in site.areas if area.id in seen]
