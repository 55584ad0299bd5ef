"""Assembly of RTP packets of a metadata track into documents."""

from collections.abc import Iterator

from thapcanh.ingest.errors import Garbled

MOST_BYTES = 256 << 10
"""Of one document: some hundreds of objects."""
_MOST_BROKEN = 50  # in a row
_HEADER = 12


class RtpDocuments:
    """Document assembly of one session."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._parts = bytearray()
        self._stamp: bytes | None = None
        self._next: int | None = None
        self._is_broken = False
        self._broken = 0

    def take(self, packet: bytes) -> Iterator[bytes]:
        """Add a packet; yield the documents that it completes. Raise `Garbled`."""
        payload = _payload(packet)
        if payload is None:
            return
        number, stamp = int.from_bytes(packet[2:4], "big"), packet[4:8]
        if self._stamp is not None and stamp != self._stamp:
            yield from self._ended()  # this camera sets no marker
        if self._next is not None and number != self._next:
            self._is_broken = True
        self._stamp, self._next = stamp, (number + 1) & 0xFFFF
        if self._is_broken or len(self._parts) + len(payload) > MOST_BYTES:
            self._is_broken = True
            self._parts.clear()
        else:
            self._parts += payload
        if packet[1] & 0x80:
            yield from self._ended()

    def _ended(self) -> Iterator[bytes]:
        whole, is_broken = bytes(self._parts), self._is_broken
        self._parts.clear()
        self._stamp, self._is_broken = None, False
        self._broken = self._broken + 1 if is_broken else 0
        if self._broken > _MOST_BROKEN:
            raise Garbled(
                self._shown,
                problem=f"no metadata document of up to {MOST_BYTES >> 10} KiB comes whole",
                way_out="have the camera send less in its metadata",
            )
        if whole and not is_broken:
            yield whole


def _payload(packet: bytes) -> bytes | None:
    if len(packet) < _HEADER or packet[0] >> 6 != 2:
        return None
    start = _HEADER + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        start += 4 + 4 * int.from_bytes(packet[start + 2 : start + 4], "big")
    padding = packet[-1] if packet[0] & 0x20 else 0
    end = len(packet) - padding
    return packet[start:end] if start <= end else None
