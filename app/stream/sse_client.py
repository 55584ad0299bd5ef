"""Bounded send buffer of one screen.

On the event loop.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from thapcanh.alerts.store.roles import DataFilter

LINE_END = "\n"
BOX_SIZE = 1000  # several pages of changes; a screen further behind reloads faster than it reads


class StreamEnd(StrEnum):
    """Why no more messages come."""

    CLOSING = "closing"  # the centre stops
    LOGGED_OUT = "logged_out"  # the session ended elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMessage:
    """One change, serialised once for all screens."""

    seq: int
    at: float  # UTC seconds when it was stored
    alert_id: str  # empty: the change is an incident's or an incoming call's
    is_new: bool  # the change that opened the alert
    agency: str | None
    area: str | None
    message: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """Changes in order.

    `last_seq` is how far they reach; `complete` is False if earlier ones were deleted, or the
    archive has fewer than were sent (an older copy was restored). Screens get a page as soon as it
    is made.
    """

    items: tuple[ChangeMessage, ...]
    last_seq: int
    complete: bool
    made_at: float


@dataclass(frozen=True, slots=True)
class HeartbeatMessage:
    """A sign of life, ready to be sent."""

    message: bytes


@dataclass(frozen=True, slots=True)
class GapNotice:
    """The screen was too slow; everything up to `seq` must be loaded again."""

    seq: int


def event_text(name: str, data: str, seq: int) -> bytes:
    """Return one server-sent event; the data must be one line."""
    if "\n" in data or "\r" in data:
        raise ValueError("the data of an event is more than one line")
    return f"id: {seq}\nevent: {name}\ndata: {data}\n\n".encode()


Item = ChangeMessage | HeartbeatMessage | GapNotice | StreamEnd


class SseClient:
    """Buffer of one connection, limited to its person's scope."""

    def __init__(
        self,
        scope: DataFilter,
        session: str,
        since_seq: int,
        size: int = BOX_SIZE,
        *,
        of_technician: bool = False,
    ) -> None:
        self.scope = scope
        self.session = session
        self.of_technician = of_technician
        self.since_seq = since_seq  # later changes arrive here, earlier ones by replay
        self.dropped = 0
        self._size = size
        self._box: deque[Item] = deque()
        self._filled = asyncio.Event()

    def offer(self, item: ChangeMessage | HeartbeatMessage, latest_seq: int) -> None:
        """Put a message in the box if the person may see it and it fits."""
        if isinstance(item, ChangeMessage) and not self.scope.sees(item.agency, item.area):
            return
        if len(self._box) >= self._size:
            self.skip_to(latest_seq)
        else:
            self._box.append(item)
            self._filled.set()

    def skip_to(self, seq: int) -> None:
        """Replace the buffer with a gap up to `seq`, so that the screen reloads."""
        self.dropped += len(self._box)
        self._box.clear()
        self._box.append(GapNotice(seq))
        self._filled.set()

    def end(self, ending: StreamEnd) -> None:
        self._box.clear()
        self._box.append(ending)
        self._filled.set()

    async def take(self) -> list[Item]:
        """Wait for items, and return all of them."""
        while not self._box:
            self._filled.clear()
            await self._filled.wait()
        items = list(self._box)
        self._box.clear()
        return items
