"""The packets of the current group that are not decoded yet.

What lets a sleeping camera wake without waiting for a keyframe. The packets themselves are the
pre-roll's; here are only references, and the same bound in bytes.
"""

from collections.abc import Sequence

from ingest.packets.packet import Packet


class GopBuffer:
    """One camera's current group of pictures. One thread.

    A keyframe that stands alone begins a group. With intra refresh none does: the first one begins,
    and all that follow go on from what was decoded before them.
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
        """No keyframe has come that a later packet could lean on."""
        return self._keyframe is None

    def begins_with(self, packet: Packet) -> bool:
        """Whether decoding begins with this packet, whatever was decoded before."""
        return packet.is_keyframe and (packet.stands_alone or self.is_empty)

    def add(self, packet: Packet) -> None:
        """One more packet; nothing is held before the first keyframe."""
        if self.begins_with(packet):
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
        """Give the group up: what comes is of use only from the next keyframe on."""
        self._keyframe, self._packets, self._bytes = None, [], 0
        self._leaps = True

    def take(self) -> tuple[Sequence[Packet], bool]:
        """What is not decoded yet, from now on decoded.

        True when packets before it were left out, so that the decoder must forget what it holds.
        """
        fresh, self._packets, self._bytes = self._packets, [], 0
        leaps, self._leaps = self._leaps, False
        return fresh, leaps

    def again(self) -> None:
        """The keyframe was decoded by itself and must be decoded again before what follows it."""
        if self._keyframe is not None:
            self._packets, self._bytes = [self._keyframe], self._keyframe.size_bytes
            self._leaps = True
