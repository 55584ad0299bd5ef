"""Periodic tasks of phones: publish them to workers, suspend links of revoked owners."""

import socket
from collections.abc import Callable

from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.exchanges.phone_list import PhoneList
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.live.whip.phone_links import PhoneLink, PhoneLinkOptions, PhoneLinks
from thapcanh.app.phones.phone_cameras import PhoneCameraPublisher
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, TaskThread
from thapcanh.app.web_api.access.permissions import ON_DUTY
from thapcanh.app.web_api.access.scope_in_force import scope_in_force
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.config.site import Site
from thapcanh.ingest.sources.tls_relay import fingerprint_of_file

PHONES_EVERY_S = 1.0


class LinkOwners:
    """Suspension of links whose owners lost the right to create them. On one thread."""

    def __init__(self, links: PhoneLinks, archive: Archive, site: Callable[[], Site]) -> None:
        self._links = links
        self._archive = archive
        self._site = site

    def round(self) -> None:
        """Check each link's owner; while the archive does not answer all stays."""
        orders = [(link.id, link.order) for link in self._links.kept()]
        self._links.sleep([link_id for link_id, order in orders if not self._may_make(order)])

    def _may_make(self, order: PhoneLinkOptions) -> bool:
        if order.is_callers:
            return True
        owner = self._archive.user(order.made_by)
        if owner is None or not owner.may_come_in or not owner.roles & ON_DUTY:
            return False
        scope = scope_in_force(owner.roles, owner.scope, self._site().areas)
        return scope.sees(order.agency, order.area)


def build(
    queue: PhoneList, live: LiveView, archive: Archive, site: Callable[[], Site], centre: str
) -> BuiltFeature:
    """Return each centre's tasks for its own links and phones."""
    begun = site()
    publisher = PhoneCameraPublisher(
        queue,
        live.sending,
        lambda link: _feed_address(begun, link, live.feed_key),
        pin=_own_fingerprint(begun),
        centre=centre,
    )
    return BuiltFeature(
        rounds=(
            CentreTask(
                name="phones",
                every_s=PHONES_EVERY_S,
                run=publisher.round,
                thread=TaskThread.QUEUE,
                everywhere=True,
            ),
            CentreTask(
                name="makers of phone links",
                every_s=PHONES_EVERY_S,
                run=LinkOwners(live.links, archive, site).round,
                thread=TaskThread.REGISTRY,
                everywhere=True,
            ),
        )
    )


def _feed_address(site: Site, link: PhoneLink, key: str) -> str:
    """Return the URL of a phone's stream, under a host name that workers can resolve."""
    host = site.centre.host
    if host in ("0.0.0.0", "::", ""):
        host = "127.0.0.1" if site.queue.url is None else socket.gethostname()
    shown = f"[{host}]" if ":" in host else host
    path = f"{PREFIX}/phone-feeds/{link.camera.id}"
    scheme = "http" if site.centre.certificate is None else "https"
    return f"{scheme}://{shown}:{site.centre.port}{path}?key={key}"


def _own_fingerprint(site: Site) -> str | None:
    """Return the fingerprint by which workers trust the centre, if it speaks TLS itself."""
    certificate = site.centre.certificate
    return None if certificate is None else fingerprint_of_file(certificate)
