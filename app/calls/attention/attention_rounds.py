"""What the leading centre does every second: tell the workers whose cameras a call is near to.

All is read from the archive, so that a centre that takes over goes on where the other ended, and a
queue that lost everything is told again within a second. That no call is near to any camera is told
too: whatever stands in the queue of another's making goes with it.
"""

import time
from collections.abc import Callable

from alerts.queue.exchanges.call_exchange import CallExchange, NearCall
from alerts.store.database import Database
from app.calls.attention.attention_plan import DeviceOf, attention_plan
from config.site import Site


class AttentionRounds:
    """Owned by the thread that calls `round`."""

    def __init__(
        self,
        database: Database,
        exchange: CallExchange,
        site: Callable[[], Site],
        device_of: DeviceOf,
        utc: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._exchange = exchange
        self._site = site
        self._utc = utc
        self._device_of = device_of

    def round(self) -> None:
        """Raises `QueueError` or `ArchiveError`; the next round goes on."""
        now = self._utc()
        plan = attention_plan(self._database, self._site(), now, self._device_of)
        told = {
            camera_id: NearCall(
                call=one.call, left_s=one.until - now, corroborates=one.corroborates
            )
            for camera_id, one in plan.given.items()
        }
        self._exchange.tell_calls(told)
