"""Acceptance of an invitation at the lower site: one request to the upper one."""

from thapcanh.alerts.links.link_records import Link
from thapcanh.alerts.links.link_store import LinkRepository
from thapcanh.alerts.store.roles import Actor
from thapcanh.app.links.link_client import LinkClient, checked_url
from thapcanh.config.site import Site
from thapcanh.ingest.address_guard import servers

_TIMEOUT_S = 15.0


def accept_link(
    links: LinkRepository, site: Site, actor: Actor, invited: tuple[str, str], now: float
) -> Link:
    """Link this site below the one at an address, by its code.

    Raise `ValueError` for the address, `LinkUnreached`, or `LinkRefused`.
    """
    url, code = checked_url(invited[0]), invited[1]
    stated = links.acceptance(code, site.site.name)
    client = LinkClient(servers(site.networks), _TIMEOUT_S)
    try:
        answered = client.accept(url, stated)
    finally:
        client.close()
    return links.add_upper(actor, url, code, answered, now)
