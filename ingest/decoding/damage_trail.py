"""Pictures that depend on lost data, up to the next keyframe."""

from collections import deque

from thapcanh.ingest.packets.packet import Packet

_MOST_WAITING = 64


class DamageTrail:
    """Damaged pictures of one decoder, across connections."""

    def __init__(self) -> None:
        self._is_leaning = False
        self._rounds = 0  # of intra refresh, until every block was sent anew
        self._keyframes: deque[tuple[float, bool]] = deque(maxlen=_MOST_WAITING)
        self._groups = 0  # that were hit

    def forget(self) -> None:
        """Reset; the next packet is a keyframe."""
        self._is_leaning = False
        self._keyframes.clear()

    def feed(self, packet: Packet) -> None:
        if packet.is_keyframe:
            self._keyframes.append((packet.at_s, packet.stands_alone))

    def fail(self, packet: Packet) -> None:
        if packet.is_keyframe and self._keyframes:
            self._keyframes.pop()

    def hit(self) -> None:
        """Mark data as missing from now on."""
        self._groups += not self._is_leaning
        self._is_leaning, self._rounds = True, 0

    def damage_of(self, at_s: float, *, is_hit: bool) -> int:
        """Return `Frame.damage` of the next picture; `is_hit` is the decoder's verdict."""
        while self._keyframes and self._keyframes[0][0] <= at_s:
            _, stands_alone = self._keyframes.popleft()
            self._rounds += 1
            if stands_alone or self._rounds > 1:
                self._is_leaning = False
        if is_hit:
            self.hit()
        return self._groups if self._is_leaning else 0
