"""What the centre does every second for phones that send: workers are told where to see them."""

import socket

from alerts.queue.exchanges.phone_list import PhoneList
from app.live.live_view import LiveView
from app.live.whip.phone_links import PhoneLink
from app.phones.phone_cameras import PhoneCameraPublisher
from app.process.by_clock import BuiltFeature, CentreRound, RoundThread
from app.web_api.prefix import PREFIX
from config.site import Site
from ingest.sources.tls_relay import fingerprint_of_file

PHONES_EVERY_S = 1.0


def build(queue: PhoneList, live: LiveView, site: Site, centre: str) -> BuiltFeature:
    """The round of each centre: it tells of the phones that send to it."""
    publisher = PhoneCameraPublisher(
        queue,
        live.sending,
        lambda link: _feed_address(site, link, live.feed_key),
        pin=_own_fingerprint(site),
        centre=centre,
    )
    return BuiltFeature(
        rounds=(
            CentreRound(
                name="phones",
                every_s=PHONES_EVERY_S,
                run=publisher.round,
                thread=RoundThread.QUEUE,
                everywhere=True,
            ),
        )
    )


def _feed_address(site: Site, link: PhoneLink, key: str) -> str:
    """Where workers open a phone's pictures: this machine, under a name that theirs knows."""
    host = site.centre.host
    if host in ("0.0.0.0", "::", ""):
        host = "127.0.0.1" if site.queue.url is None else socket.gethostname()
    shown = f"[{host}]" if ":" in host else host
    path = f"{PREFIX}/phone-feeds/{link.camera.id}"
    scheme = "http" if site.centre.certificate is None else "https"
    return f"{scheme}://{shown}:{site.centre.port}{path}?key={key}"


def _own_fingerprint(site: Site) -> str | None:
    """What workers on any machine believe the centre by, where it speaks TLS itself."""
    certificate = site.centre.certificate
    return None if certificate is None else fingerprint_of_file(certificate)
