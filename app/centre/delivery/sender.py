"""What a target's protocol must do."""

from typing import Protocol

from alerts.archive.outbox.records import DueDelivery
from alerts.delivery.attempt import Attempt


class Sender(Protocol):
    """Speaks one target's protocol; never retries. Owned by the target's task."""

    async def send(self, due: DueDelivery) -> Attempt:
        """Try once, within the caller's deadline."""
        ...

    async def close(self) -> None:
        """Let every connection go; calling twice is fine."""
        ...
