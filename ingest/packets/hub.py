"""Distribution of one camera's packets to its readers.

`publish` never blocks.
"""

import threading
from collections import deque
from types import TracebackType
from typing import Self

from thapcanh.ingest.packets.packet import Packet


class Subscriber:
    """Reader whose first packet, and the first after a loss, is a keyframe."""

    def __init__(self, name: str, bound: int, hub: "Hub") -> None:
        if bound < 1:
            raise ValueError(f"a subscriber's bound is at least 1 packet, not {bound}")
        self.name = name
        self.lost = 0
        self._bound = bound
        self._hub = hub
        self._held: deque[Packet] = deque()
        self._needs_keyframe = True
        self._closed = False
        self._changed = threading.Condition()

    def offer(self, packet: Packet) -> None:
        """Add a packet, or lose it. Never block."""
        with self._changed:
            if self._closed:
                return
            if len(self._held) >= self._bound:
                self.lost += len(self._held)
                self._held.clear()
                self._needs_keyframe = True
            if self._needs_keyframe and not packet.is_keyframe:
                self.lost += 1
                return
            self._needs_keyframe = False
            self._held.append(packet)
            self._changed.notify()

    def take(self, timeout_s: float) -> Packet | None:
        """Return the next packet; None after the timeout or if closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._held or self._closed, timeout_s)
            return self._held.popleft() if self._held and not self._closed else None

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Stop reading; wakes the thread that waits. Safe to call twice."""
        self._hub.leave(self)
        with self._changed:
            self._closed = True
            self._held.clear()
            self._changed.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Hub:
    """Subscribers of one camera."""

    def __init__(self) -> None:
        self._subscribers: tuple[Subscriber, ...] = ()
        self._changing = threading.Lock()

    def subscribe(self, name: str, bound: int) -> Subscriber:
        """Add a reader that holds at most `bound` packets."""
        subscriber = Subscriber(name, bound, self)
        with self._changing:
            self._subscribers = (*self._subscribers, subscriber)
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """Remove a reader; `Subscriber.close` calls it."""
        with self._changing:
            self._subscribers = tuple(one for one in self._subscribers if one is not subscriber)

    def publish(self, packet: Packet) -> None:
        for subscriber in self._subscribers:
            subscriber.offer(packet)

    def close(self) -> None:
        for subscriber in self._subscribers:
            subscriber.close()

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        return self._subscribers
