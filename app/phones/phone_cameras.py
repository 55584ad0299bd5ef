"""Publication of sending phones to workers as temporary cameras."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from pydantic import ValidationError

from thapcanh.alerts.store.errors import QueueError
from thapcanh.app.live.whip.phone_links import PhoneLink
from thapcanh.config.camera import CameraConfig
from thapcanh.config.difference import Difference, difference
from thapcanh.config.site import Site

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
PUBLISHED_FOR_S = 10.0  # without the centre's word for so long, there are no phones


class PhoneCameraStore(Protocol):
    """Where the list is stored."""

    def publish_phones(
        self, centre: str, phones: Sequence[Mapping[str, Any]], ttl_s: float
    ) -> None:
        """Replace a centre's part of the list; raises `QueueError`."""
        ...

    def phones(self) -> list[dict[str, Any]]:
        """Return the list of all centres; raises `QueueError`."""
        ...


class PhoneCameraPublisher:
    """Publisher of a centre's phones. `address_of` returns where a worker opens one.

    `pin` is the fingerprint of the centre's certificate, if it speaks TLS itself.
    """

    def __init__(
        self,
        queue: PhoneCameraStore,
        sending: Callable[[], Sequence[PhoneLink]],
        address_of: Callable[[PhoneLink], str],
        pin: str | None = None,
        centre: str = "centre",
    ) -> None:
        self._centre = centre
        self._pin = pin
        self._queue = queue
        self._sending = sending
        self._address_of = address_of
        self._reported = False

    def round(self) -> None:
        """Publish the sending phones; writes nothing while there are none."""
        phones = [self._facts(link) for link in self._sending()]
        if phones or self._reported:
            self._queue.publish_phones(self._centre, phones, PUBLISHED_FOR_S)
        self._reported = bool(phones)

    def _facts(self, link: PhoneLink) -> dict[str, Any]:
        order = link.order
        return {
            "id": link.camera.id,
            "name": order.name,
            "agency": order.agency,
            "area": order.area,
            "source": self._address_of(link),
            "tls_pin": self._pin,
            "ptz": True,  # it is carried: another view is no tampering
        }


class SiteWithPhones:
    """The worker's side: the configured site, and the phones that send now. On its main thread."""

    def __init__(
        self,
        site: Site,
        poll: Callable[[], tuple[Site, Difference] | None],
        queue: PhoneCameraStore,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._configured = self._site = site
        self._poll = poll
        self._queue = queue
        self._monotonic = monotonic
        self._look_at = 0.0
        self._phones: tuple[CameraConfig, ...] = ()

    @property
    def site(self) -> Site:
        return self._site

    def poll(self) -> tuple[Site, Difference] | None:
        """Return the site in force with the differences, or None if unchanged."""
        change = self._poll()
        if change is not None:
            self._configured = change[0]
        if self._monotonic() >= self._look_at:
            self._look_at = self._monotonic() + LOOK_EVERY_S
            self._phones = self._read()
        cameras = (*self._configured.cameras, *self._phones)
        if change is None and cameras == self._site.cameras:
            return None
        site = self._configured.model_copy(update={"cameras": cameras})
        changed = difference(self._site, site)
        self._site = site
        return site, changed

    def _read(self) -> tuple[CameraConfig, ...]:
        """Return the sending phones; the last ones while the queue does not answer."""
        try:
            reported = self._queue.phones()
        except QueueError as error:
            log.debug("phones are not known: %s", error)
            return self._phones
        ids = {camera.id for camera in self._configured.cameras}
        made = [_camera(facts) for facts in reported]
        return tuple(camera for camera in made if camera is not None and camera.id not in ids)


def _camera(facts: Mapping[str, Any]) -> CameraConfig | None:
    try:
        return CameraConfig.model_validate(facts)
    except ValidationError as error:
        log.warning("a phone cannot be watched: %d of its facts are wrong", error.error_count())
        return None
