"""The packets since the last keyframe, and how many of them were decoded already.

What lets a sleeping camera wake without waiting for a keyframe. The packets themselves are the
pre-roll's; here are only references, and the same bound in bytes.
"""

from collections.abc import Sequence

from ingest.packets.packet import Packet


class GopBuffer:
    """One camera's current group of pictures. One thread."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._packets: list[Packet] = []
        self._bytes = 0
        self._decoded = 0
        self._leaps = True
        self.overflows = 0
        """Groups given up because `max_bytes` was reached; the next keyframe begins again."""

    @property
    def is_empty(self) -> bool:
        """No keyframe is held that a later packet could lean on."""
        return not self._packets

    def add(self, packet: Packet) -> None:
        """One more packet; a keyframe begins a group, and nothing is held before the first."""
        if packet.is_keyframe:
            self._leaps = self._leaps or self._decoded < len(self._packets)
            self._packets, self._bytes, self._decoded = [packet], packet.size_bytes, 0
            return
        if not self._packets:
            return
        self._packets.append(packet)
        self._bytes += packet.size_bytes
        if self._bytes > self._max_bytes:
            self.overflows += 1
            self.drop()

    def drop(self) -> None:
        """Give the group up: what comes is of use only from the next keyframe on."""
        self._packets, self._bytes, self._decoded = [], 0, 0
        self._leaps = True

    def take(self) -> tuple[Sequence[Packet], bool]:
        """What is not decoded yet, from now on decoded.

        True when packets before it were left out, so that the decoder must forget what it holds.
        """
        fresh = self._packets[self._decoded :]
        leaps = self._leaps and self._decoded == 0
        self._decoded = len(self._packets)
        self._leaps = False
        return fresh, leaps

    def again(self) -> None:
        """The keyframe was decoded by itself and must be decoded again before what follows it."""
        self._decoded = 0
        self._leaps = True
