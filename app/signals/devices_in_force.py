"""Devices in force: those of the files, and those of the archive.

Any thread may use it.
"""

import logging
import threading
from collections.abc import Callable, Iterator

from thapcanh.alerts.signals.device_store import DeviceRepository, DeviceTest
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.config.devices import DeviceConfig
from thapcanh.config.site import Site
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)

_OVERLAP_S = 5.0  # a change that was dated earlier may be committed later
SETTLES_S = 600.0  # so long after its end a test is still looked at by a centre that starts


class DevicesInForce:
    """Devices in force; `find` and `in_test` run per signal, `all` per health check."""

    def __init__(
        self, site: Callable[[], Site], repository: DeviceRepository, clock: Clock
    ) -> None:
        self._site = site
        self._stored = repository
        self._clock = clock
        self._lock = threading.Lock()
        self._of_archive: dict[str, DeviceConfig] = {}
        self._of_files: tuple[tuple[DeviceConfig, ...], dict[str, DeviceConfig]] = ((), {})
        self._tests: dict[str, DeviceTest] = {}
        self._by_account: dict[str, DeviceConfig] = {}
        self._read_at = 0.0
        self._topics: frozenset[str] = frozenset()

    def poll(self) -> None:
        """Read the changes; a failure is logged and retried later."""
        try:
            self.refresh()
        except ArchiveError as error:
            log.warning("devices: %s", error)

    def refresh(self) -> None:
        """Read what changed. Raises `ArchiveError`."""
        changed = self._stored.changed_since(self._read_at - _OVERLAP_S)
        now = self._clock.utc()
        tests = {
            item.device_id: item
            for item in self._stored.tests_since(now - SETTLES_S)
            if item.begins_at <= now
        }
        with self._lock:
            before = dict(self._of_archive)
            self._of_archive |= {item.id: item for item in changed.devices}
            for name in changed.gone:
                self._of_archive.pop(name, None)
            self._read_at = changed.read_at
            self._tests = tests
            if before != self._of_archive:
                self._changed()

    def find(self, device_id: str) -> DeviceConfig | None:
        """Return the device with this id, or None."""
        found = self._files().get(device_id)
        return found if found is not None else self._of_archive.get(device_id)

    def of_account(self, account: str) -> DeviceConfig | None:
        """Return the device with this account of an alarm line, or None."""
        self._files()
        return self._by_account.get(account.upper())

    @property
    def topics(self) -> frozenset[str]:
        self._files()
        return self._topics

    def all(self) -> Iterator[DeviceConfig]:
        """Yield every device, those of the files first."""
        files = self._files()
        yield from files.values()
        for name, item in list(self._of_archive.items()):
            if name not in files:
                yield item

    def in_test(self, device_id: str, now: float) -> DeviceTest | None:
        """Return the test of a device in progress, or None."""
        found = self._tests.get(device_id)
        return found if found is not None and found.begins_at <= now < found.until else None

    def ended_tests(self, now: float) -> list[DeviceTest]:
        """Return the tests that ended recently; their devices may raise alerts again."""
        return [item for item in list(self._tests.values()) if item.until <= now]

    def _files(self) -> dict[str, DeviceConfig]:
        """Return the files' devices by id, rebuilt when the site changed."""
        devices = self._site().devices
        if devices is not self._of_files[0]:
            with self._lock:
                self._of_files = devices, {item.id: item for item in devices}
                self._changed()
        return self._of_files[1]

    def _changed(self) -> None:
        devices = [*self._of_archive.values(), *self._of_files[1].values()]
        self._by_account = {item.account.upper(): item for item in devices if item.account}
        self._topics = frozenset(item.topic for item in devices if item.topic)
