"""Whether enough replicas have what the primary took, and which server the primary is.

Where too few have it, the next attempt asks before it sends anything: each attempt would leave
all of its entries in the stream once more, for as long as the replicas are away.
"""

from dataclasses import dataclass
from typing import Any

from alerts.queue.redis_client import RedisClient
from alerts.store.errors import QueueBusy

REPLICA_WAIT_MS = 1000  # a healthy replica confirms within a few milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePrimary:
    """The server that takes events, and how many others follow it closely."""

    address: str
    replicas: int


class ReplicaCheck:
    """Remembers whether replicas were missing. Any thread may use it."""

    def __init__(self, door: RedisClient, wanted: int) -> None:
        self._door = door
        self._wanted = wanted
        self._is_short = False

    def require(self) -> None:
        """Before adding: raise `QueueBusy` while replicas that were missing still are."""
        if not self._is_short:
            return
        with self._door.named():
            there: Any = self._door.client.wait(self._wanted, REPLICA_WAIT_MS)
        self.confirm(there)

    def confirm(self, there: int) -> None:
        """Raise `QueueBusy` unless so many replicas are enough."""
        self._is_short = there < self._wanted
        if self._is_short:
            raise QueueBusy(f"queue {self._door.shown}: {there} of {self._wanted} replicas")

    def primary(self) -> QueuePrimary:
        """Ask the primary itself. Raises a `QueueError`."""
        with self._door.named():
            told: Any = self._door.client.info("replication")
        replicas = (told.get(f"slave{number}", {}) for number in range(told["connected_slaves"]))
        in_step = sum(one.get("state") == "online" for one in replicas)
        return QueuePrimary(address=self._door.primary, replicas=in_step)
