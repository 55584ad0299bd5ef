"""Two processes with one part: the second is refused in one clear line, the first goes on."""

import logging
import threading

from thapcanh.alerts.queue.redis_client import QueueAddress
from thapcanh.alerts.queue.workers.part_claim import PartClaim, PartOwner
from thapcanh.alerts.store.errors import QueueError

log = logging.getLogger(__name__)


class AlreadyRuns(Exception):
    """Another process has this part; the message says which, and what to do."""


class PartOwnership:
    """The claim of this process on its part, kept from start to end."""

    def __init__(self, address: QueueAddress, part: str, way_out: str) -> None:
        """`way_out` is said to who started the second one."""
        self._claim = PartClaim(address, part)
        self.lost: str | None = None
        self._part = part
        self._way_out = way_out

    def take(self, stop: threading.Event) -> None:
        """Claim the part; raises `AlreadyRuns`. A queue that does not answer refuses nobody."""
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

    def keep_or_stop(self, stop: threading.Event) -> None:
        """As `keep`, for a part that is told to stop: `lost` then says why."""
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
