"""HTTP connections with deadlines for request heads and for reading responses.

Everything runs on the event loop.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from thapcanh.app.process.admission import HEADS, Admission, DoorPlace, network_of

HEAD_WITHIN_S = 15.0
READ_WITHIN_S = 60.0  # to take the next 48 KB or so of an answer


class BoundedProtocol(H11Protocol):
    """Connection with deadlines; `heads` is shared by a server's connections."""

    heads: Admission
    is_over = False
    """True if the server ends: one that was taken just before that is closed, nobody else would."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head_due: asyncio.TimerHandle | None = None
        self._head_place: DoorPlace | None = None
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
        """Handle a complete response; the next request may have arrived meanwhile."""
        super().on_response_complete()
        is_at_work = self.cycle is not None and not self.cycle.response_complete
        if not is_at_work and self.conn.trailing_data[0]:
            self._wait_for_head()

    def pause_writing(self) -> None:
        """Start the deadline of a slow reader."""
        super().pause_writing()
        if self._read_due is None:
            self._read_due = self.loop.call_later(READ_WITHIN_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the deadline: the reader has caught up."""
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
            self._head_place = self.heads.enter((network_of(address),), self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None
        if self._head_place is not None:
            self._head_place.leave()
            self._head_place = None

    def _give_up(self) -> None:
        self._stop_waiting()
        self.transport.abort()

    def _stop_reading_due(self) -> None:
        if self._read_due is not None:
            self._read_due.cancel()
            self._read_due = None


def protocol_class() -> type[BoundedProtocol]:
    return type("ServerProtocol", (BoundedProtocol,), {"heads": Admission(HEADS)})
