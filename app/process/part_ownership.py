"""Ownership of a process's role: a second process is refused, the first continues."""

import logging
import threading

from thapcanh.alerts.queue.redis_client import QueueAddress
from thapcanh.alerts.queue.workers.part_claim import PartClaim, PartOwner
from thapcanh.alerts.store.errors import QueueError

log = logging.getLogger(__name__)


class AlreadyRuns(Exception):
    """Another process has this role; the message says which, and what to do."""


class PartOwnership:
    """Claim of this process on its role, from start to end."""

    def __init__(self, address: QueueAddress, part: str, way_out: str) -> None:
        """Create the claim; `way_out` is shown to the user of a second process."""
        self._claim = PartClaim(address, part)
        self.lost: str | None = None
        self._part = part
        self._way_out = way_out

    def take(self, stop: threading.Event) -> None:
        """Claim the role; raises `AlreadyRuns`. An unavailable queue refuses nobody."""
        try:
            other = self._claim.take(stop)
        except QueueError as error:
            log.debug("%s starts without asking whether another runs: %s", self._part, error)
            return
        if other is not None:
            raise AlreadyRuns(self._words(other))

    def keep(self) -> None:
        """Renew the claim; raises `AlreadyRuns` when another process took it meanwhile."""
        try:
            other = self._claim.renew()
        except QueueError:
            return
        if other is not None:
            raise AlreadyRuns(self._words(other))

    def renew_or_stop(self, stop: threading.Event) -> None:
        """Renew as `keep` does; on loss set `stop` and `lost` instead of raising."""
        try:
            self.keep()
        except AlreadyRuns as error:
            self.lost = str(error)
            stop.set()

    def release(self) -> None:
        """Let go; what the queue does not hear ends by itself."""
        try:
            self._claim.release()
        except QueueError as error:
            log.debug("the claim of %s runs out by itself: %s", self._part, error)

    def _words(self, other: PartOwner) -> str:
        return (
            f"another {self._part} runs on {other.host} (process {other.pid}) "
            f"and both would do the same work: {self._way_out}"
        )
