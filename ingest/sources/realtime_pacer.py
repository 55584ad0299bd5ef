"""Real time for sources that can be read faster than they were filmed: files, HLS segments."""

from ingest.packets.packet import Packet

_CATCH_UP_S = 1.0
"""Later than this against the plan (or a jump in the stream): a new plan starts here."""


class RealtimePacer:
    """Says how long to wait before a packet is due. Pure: `now` comes in."""

    def __init__(self) -> None:
        self._offset_s: float | None = None

    def wait_s(self, packet: Packet, *, now: float) -> float:
        """Seconds until `packet` is due, by decoding time; 0 when it is due already."""
        encoded = packet.encoded
        ticks = encoded.dts if encoded.dts is not None else encoded.pts
        due_s = packet.at_s if ticks is None else float(ticks * encoded.time_base)
        if self._offset_s is None:
            self._offset_s = now - due_s
        early_s = due_s + self._offset_s - now
        if abs(early_s) > _CATCH_UP_S:
            self._offset_s = now - due_s
            return 0.0
        return max(0.0, early_s)
