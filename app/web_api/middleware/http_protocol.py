"""HTTP connections with deadlines: for a request's head, and for the reading of its answer.

The web server itself waits for ever for a head that comes byte by byte, and for a reader that does
not read. Here a head has `HEAD_WITHIN_S`, and who takes nothing of an answer for `READ_WITHIN_S` is
cut off. Of the connections without a whole head the oldest goes when there are too many, of one
address or in all. Everything runs on the event loop.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN_S = 15.0
READ_WITHIN_S = 60.0  # to take the next 48 KB or so of an answer
HEADS_OF_ADDRESS = 512  # a whole office that opens its screens at once is fewer
HEADS_AT_ONCE = 2048
YOUNG_S = 1.0  # one that came just now has not had time to say anything


class PendingHeads:
    """Connections that have not sent a whole head, oldest first."""

    def __init__(self) -> None:
        self._waiting: dict[object, WaitingHead] = {}
        self._of_address: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, connection: object, waiting: "WaitingHead") -> None:
        """Count a connection; the oldest one goes where there is no place left."""
        if connection in self._waiting:
            return
        if len(self._waiting) >= HEADS_AT_ONCE:
            self._close_oldest(self._waiting, waiting.since)
        elif self._of_address[waiting.address] >= HEADS_OF_ADDRESS:
            same = (one for one, w in self._waiting.items() if w.address == waiting.address)
            self._close_oldest(same, waiting.since)
        self._waiting[connection] = waiting
        self._of_address[waiting.address] += 1

    def remove(self, connection: object) -> None:
        """Its head is whole, or it is gone."""
        waiting = self._waiting.pop(connection, None)
        if waiting is not None:
            self._of_address[waiting.address] -= 1
            if not self._of_address[waiting.address]:
                del self._of_address[waiting.address]

    def _close_oldest(self, connections: Iterable[object], now: float) -> None:
        oldest = next(iter(connections))
        waiting = self._waiting[oldest]
        if now - waiting.since >= YOUNG_S:
            self.remove(oldest)
            waiting.close()


@dataclass(frozen=True, slots=True)
class WaitingHead:
    """A connection whose request head has not come whole."""

    address: str
    since: float  # of the event loop's clock
    close: Callable[[], None]


class BoundedProtocol(H11Protocol):
    """A connection with deadlines; `pending` is shared by all connections of one server."""

    pending: PendingHeads
    is_over = False
    """Whether the server ends: one that was taken just before that is closed, nobody else would."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head_due: asyncio.TimerHandle | None = None
        self._read_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        if self.is_over:
            transport.abort()
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Wait on, unless a request is in work now."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        else:
            self._wait_for_head()

    def on_response_complete(self) -> None:
        """An answer is whole; what came meanwhile may be the next request, or a part of one."""
        super().on_response_complete()
        is_at_work = self.cycle is not None and not self.cycle.response_complete
        if not is_at_work and self.conn.trailing_data[0]:
            self._wait_for_head()

    def pause_writing(self) -> None:
        """The reader is behind: it has a while to catch up."""
        super().pause_writing()
        if self._read_due is None:
            self._read_due = self.loop.call_later(READ_WITHIN_S, self.transport.abort)

    def resume_writing(self) -> None:
        """The reader has caught up."""
        super().resume_writing()
        self._stop_reading_due()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        self._stop_reading_due()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self._head_due is None and not self.transport.is_closing():
            address = self.client[0] if self.client else ""
            self._head_due = self.loop.call_later(HEAD_WITHIN_S, self._give_up)
            self.pending.add(self, WaitingHead(address, self.loop.time(), self._give_up))

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None
            self.pending.remove(self)

    def _give_up(self) -> None:
        self._stop_waiting()
        self.transport.abort()

    def _stop_reading_due(self) -> None:
        if self._read_due is not None:
            self._read_due.cancel()
            self._read_due = None


def protocol_class() -> type[BoundedProtocol]:
    """The protocol of one server."""
    return type("ServerProtocol", (BoundedProtocol,), {"pending": PendingHeads()})
