"""Whose a received CAP message is: by the scope of who brought it, its geocodes and its place."""

from thapcanh.alerts.cap.from_cap import place_of
from thapcanh.alerts.cap.message import CapMessage
from thapcanh.alerts.cap.references import CapDelivery
from thapcanh.alerts.delivery import cloud_events
from thapcanh.alerts.store.roles import Actor
from thapcanh.app.incidents.ownership import owner_in_scope
from thapcanh.config.site import Site


def delivered(message: CapMessage, site: Site, actor: Actor) -> CapDelivery:
    """Return a message as its bringer's. A geocode that is an area's id names its area."""
    coded = {code.casefold() for code in message.area.geocodes}
    area = next((one.id for one in site.areas if one.id.casefold() in coded), None)
    agency, area = owner_in_scope(actor.scope, site, place_of(message), area)
    return CapDelivery(
        message=message, own_sender=site_sender(site), agency=agency, area=area, actor=actor
    )


def site_sender(site: Site) -> str:
    """Return what the site calls itself as a sender."""
    return cloud_events.source_of(site.site.name)
