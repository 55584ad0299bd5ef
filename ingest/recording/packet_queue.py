"""Queue of packets for the recorder, limited in bytes; offering never blocks."""

import threading
from collections import deque
from dataclasses import dataclass

from thapcanh.ingest.packets.packet import Packet


@dataclass(frozen=True, slots=True)
class PacketLoss:
    """Packets of one camera lost for lack of room."""

    from_s: float
    packets: int


@dataclass(frozen=True, slots=True)
class QueuedPacket:
    """A packet of a camera, when it is shown (UTC), and what was lost before it."""

    camera_id: str
    packet: Packet
    utc_s: float
    loss: PacketLoss | None


class PacketQueue:
    """Packet queue with any number of producers and one consumer."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._held: deque[QueuedPacket] = deque()
        self._size_bytes = 0
        self._losses: dict[str, PacketLoss] = {}

    @property
    def size_bytes(self) -> int:
        return self._size_bytes

    def offer(self, camera_id: str, packet: Packet, utc_s: float) -> None:
        with self._lock:
            loss = self._losses.get(camera_id) if self._losses else None
            is_full = self._size_bytes + packet.size_bytes > self._max_bytes
            if is_full or (loss is not None and not packet.is_keyframe):
                from_s, packets = (utc_s, 0) if loss is None else (loss.from_s, loss.packets)
                self._losses[camera_id] = PacketLoss(from_s, packets + 1)
                return
            if loss is not None:
                del self._losses[camera_id]
            self._held.append(QueuedPacket(camera_id, packet, utc_s, loss))
            self._size_bytes += packet.size_bytes

    def take(self) -> QueuedPacket | None:
        if not self._held:
            return None
        with self._lock:
            queued = self._held.popleft()
            self._size_bytes -= queued.packet.size_bytes
        return queued

    def losses(self) -> dict[str, PacketLoss]:
        with self._lock:
            return dict(self._losses)

    def discard(self, camera_id: str) -> PacketLoss | None:
        """Remove and return a camera's loss when it stops; no keyframe will report it."""
        with self._lock:
            return self._losses.pop(camera_id, None)
