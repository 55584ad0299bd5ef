"""The newest group of pictures of one camera: what a viewer who joins now is shown first.

Pure data, bounded. Its first packet is a keyframe; the group of a camera whose keyframes are too
rare is given up, and who joins waits for the next keyframe.
"""

from ingest.packets.packet import Packet

_FRESH_S = 2.0


class NewestGop:
    """Packets since the newest keyframe."""

    def __init__(self, max_packets: int, max_bytes: int) -> None:
        self._max_packets = max_packets
        self._max_bytes = max_bytes
        self._packets: list[Packet] = []
        self._bytes = 0
        self._keyframe: Packet | None = None

    def add(self, packet: Packet) -> None:
        """Take the next packet; a keyframe begins a new group."""
        if packet.is_keyframe:
            self._packets, self._bytes, self._keyframe = [], 0, packet
        elif not self._packets:
            return
        self._packets.append(packet)
        self._bytes += packet.size_bytes
        if len(self._packets) > self._max_packets or self._bytes > self._max_bytes:
            self._packets, self._bytes = [], 0

    def replay(self, now: float) -> tuple[Packet, ...]:
        """The whole group so far.

        Empty before the first keyframe, when it grew too long, and when its newest packet is old
        (`now` is UTC): an old picture must not come in as a live one.
        """
        if not self._packets or now - self._packets[-1].received_at > _FRESH_S:
            return ()
        return tuple(self._packets)

    @property
    def decodable(self) -> tuple[Packet, ...]:
        """What the newest picture that is held can be decoded from; at least the keyframe."""
        if self._packets:
            return tuple(self._packets)
        return (self._keyframe,) if self._keyframe is not None else ()
