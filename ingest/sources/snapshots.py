"""A camera that has only a snapshot: its picture is fetched again and again, as a slow stream.

What enters is what fetches the picture once, with whatever login and redirects that takes; what
leaves is a `Connection` whose packets are pictures with their time of arrival. On the caller's
thread; a picture that cannot be fetched is the end, and raises its `SourceError`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType
from typing import Self

from ingest.errors import Ended, SourceError
from ingest.packets.packet import Packet, StreamInfo
from ingest.sources.connection import Connection

EVERY_S = 0.7
"""From one picture to the next: old cameras' web servers bear no more."""
_TICKS_PER_S = 90_000

Fetch = Callable[[], AbstractContextManager[Connection]]


class SnapshotConnection:
    """A `Connection` that polls."""

    live = True

    def __init__(self, fetch: Fetch) -> None:
        """Fetch the first picture. Raises `SourceError`."""
        self._fetch = fetch
        self._first = self._fetched()
        self.stream: StreamInfo = replace(self._first.stream, fps=1 / EVERY_S)
        self._began_at = self._first.received_at

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing stays open between two pictures."""

    def __iter__(self) -> Iterator[Packet]:
        packet = self._first
        while True:
            asked = time.monotonic()
            yield self._timed(packet)
            time.sleep(max(0.0, EVERY_S - (time.monotonic() - asked)))
            packet = self._fetched()

    def _fetched(self) -> Packet:
        with self._fetch() as connection:
            failed: SourceError | None = None
            try:
                for packet in connection:
                    return packet
            except SourceError as error:
                failed = error
        raise failed or Ended("")

    def _timed(self, packet: Packet) -> Packet:
        if (packet.stream.width, packet.stream.height) != (self.stream.width, self.stream.height):
            self.stream = replace(packet.stream, fps=1 / EVERY_S)
        at_s = packet.received_at - self._began_at
        encoded = packet.encoded
        encoded.time_base = self.stream.time_base
        encoded.pts = encoded.dts = round(at_s / self.stream.time_base)
        return replace(packet, stream=self.stream, at_s=at_s, is_keyframe=True)
