"""Held packets: the group not decoded yet, and the last seconds of a camera.

`PreRoll` holds the seconds before an event in whole groups of pictures, limited in seconds and
bytes; the camera's thread writes, any thread reads.
"""

import threading
from collections import deque
from collections.abc import Sequence
from itertools import takewhile

from thapcanh.ingest.packets.packet import Packet


class GopBuffer:
    """Present group of pictures of one camera; not thread-safe.

    With intra refresh no keyframe starts a new group after the first one.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._packets: list[Packet] = []
        self._bytes = 0
        self._keyframe: Packet | None = None  # that the group began with
        self._leaps = True
        self.overflows = 0
        """Groups given up because `max_bytes` was reached; the next keyframe begins again."""

    @property
    def is_empty(self) -> bool:
        """True if no keyframe is held."""
        return self._keyframe is None

    def starts_with_packet(self, packet: Packet) -> bool:
        """Return whether decoding starts at this packet, whatever was decoded before."""
        return packet.is_keyframe and (packet.stands_alone or self.is_empty)

    def add(self, packet: Packet) -> None:
        """Add a packet; none is held before the first keyframe."""
        if self.starts_with_packet(packet):
            self._leaps = self._leaps or bool(self._packets)
            self._keyframe, self._packets, self._bytes = packet, [packet], packet.size_bytes
            return
        if self.is_empty:
            return
        self._packets.append(packet)
        self._bytes += packet.size_bytes
        if self._bytes > self._max_bytes:
            self.overflows += 1
            self.drop()

    def drop(self) -> None:
        """Drop the group; the next keyframe starts a new one."""
        self._keyframe, self._packets, self._bytes = None, [], 0
        self._leaps = True

    def take(self) -> tuple[Sequence[Packet], bool]:
        """Return what is not decoded yet and mark it as decoded.

        True if packets before it were dropped, so that the decoder must reset.
        """
        fresh, self._packets, self._bytes = self._packets, [], 0
        leaps, self._leaps = self._leaps, False
        return fresh, leaps

    def again(self) -> None:
        """Reset to the keyframe, which must be decoded again before what follows."""
        if self._keyframe is not None:
            self._packets, self._bytes = [self._keyframe], self._keyframe.size_bytes
            self._leaps = True


class PreRoll:
    """Holds at least `seconds` of packets (given time, and unless `max_bytes` is reached)."""

    def __init__(self, seconds: float, max_bytes: int) -> None:
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._groups: deque[list[Packet]] = deque()
        self._size_bytes = 0
        self._lock = threading.Lock()
        self.overflows = 0
        """Groups thrown away because `max_bytes` was reached."""

    @property
    def size_bytes(self) -> int:
        return self._size_bytes

    def add(self, packet: Packet) -> None:
        """Hold a packet, unless no keyframe of its stream precedes it."""
        with self._lock:
            if packet.is_keyframe:
                self._groups.append([])
            elif not self._groups or self._groups[-1][-1].stream is not packet.stream:
                return
            self._groups[-1].append(packet)
            self._size_bytes += packet.size_bytes
            self._evict(packet.at_s)

    def between(self, from_s: float, to_s: float) -> list[Packet]:
        """Return packets of camera time `from_s` to `to_s`, from the keyframe before them."""
        with self._lock:
            groups = [list(group) for group in self._groups]
        starts = [number for number, group in enumerate(groups) if group[0].at_s <= from_s]
        requested = (packet for group in groups[starts[-1] if starts else 0 :] for packet in group)
        # Cut in decoding order: what comes after a packet may lean on it, even if shown before it.
        return list(takewhile(lambda packet: packet.at_s <= to_s, requested))

    def clear(self) -> None:
        with self._lock:
            self._groups.clear()
            self._size_bytes = 0

    def _evict(self, newest_s: float) -> None:
        while len(self._groups) > 1 and self._groups[1][0].at_s <= newest_s - self._seconds:
            self._drop_oldest()
        while self._groups and self._size_bytes > self._max_bytes:
            self.overflows += 1
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        self._size_bytes -= sum(packet.size_bytes for packet in self._groups.popleft())
