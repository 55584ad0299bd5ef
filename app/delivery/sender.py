"""What a target's protocol must do."""

from typing import Protocol

from alerts.delivery.attempt import Attempt
from alerts.delivery.outbox.records import DueDelivery


class Sender(Protocol):
    """Speaks one target's protocol; never retries. Owned by the target's task."""

    is_serial: bool
    """Whether it sends one at a time: what waits for its turn has no deadline running."""

    async def send(self, due: DueDelivery) -> Attempt:
        """Try once, within the caller's deadline."""
        ...

    async def close(self) -> None:
        """Let every connection go; calling twice is fine."""
        ...
