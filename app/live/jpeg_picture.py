"""JPEG pictures of a camera with the time at which they were taken.

Its thread decodes every packet and keeps only the newest picture: a slow viewer misses some but
gets none late.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2

from thapcanh.app.live.settings import LiveSettings
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.hub import Subscriber
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.stoppable_thread import StoppableThread

log = logging.getLogger(__name__)
_LOOK_EVERY_S = 0.5  # a stop is noticed within this
_QUALITY = 75


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegPicture:
    """A JPEG. `captured_at` is UTC unix seconds, as well as we know."""

    jpeg: bytes
    captured_at: float
    width: int
    height: int


def newest_picture(packets: Sequence[Packet]) -> JpegPicture | None:
    """Return the last picture of a group that starts with a keyframe, or None."""
    decoder = Decoder("still", lambda at_s: at_s)
    newest: Frame | None = None
    for packet in packets:
        for frame in decoder.decode(packet, now=packet.received_at):
            newest = frame
    for frame in decoder.drain(now=packets[-1].received_at if packets else 0.0):
        newest = frame
    return None if newest is None else picture_of(newest, max_width=newest.width, quality=88)


def picture_of(frame: Frame, *, max_width: int, quality: int) -> JpegPicture | None:
    """Return a frame as JPEG, scaled to at most `max_width`; None if encoding fails.

    `frame.decoded_at` must be the time at which its packet was received.
    """
    bgr = frame.bgr()
    if frame.width > max_width:
        height = max(1, round(frame.height * max_width / frame.width))
        bgr = cv2.resize(bgr, (max_width, height), interpolation=cv2.INTER_AREA)
    done, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        return None
    return JpegPicture(
        jpeg=bytes(encoded.tobytes()),
        captured_at=frame.decoded_at,
        width=int(bgr.shape[1]),
        height=int(bgr.shape[0]),
    )


class PictureLine:
    """JPEG producer of one camera, running while there are viewers."""

    def __init__(
        self,
        reader: Subscriber,
        settings: LiveSettings,
        *,
        clock: Clock,
        ring: Callable[[], None],
    ) -> None:
        self._reader = reader
        self._settings = settings
        self._clock = clock
        self._ring = ring
        self._newest: tuple[int, JpegPicture] | None = None
        self._thread = StoppableThread(self._run, reader.name, clock, interrupt=self._end_reading)

    def start(self) -> None:
        """Begin to decode."""
        self._thread.start()

    def request_stop(self) -> None:
        """Let the thread end; it holds nothing that must be waited for."""
        self._thread.request_stop()

    @property
    def newest(self) -> tuple[int, JpegPicture] | None:
        """The newest picture and its number."""
        return self._newest

    @property
    def ended(self) -> bool:
        """True if no more pictures will come."""
        return self._thread.is_stopping or self._reader.closed

    def _end_reading(self) -> None:
        self._reader.close()
        self._ring()

    def _run(self) -> None:
        try:
            self._decode()
        except Exception:  # the outermost line of this thread
            log.exception("%s: a fault of ours while making pictures", self._reader.name)
            self.request_stop()

    def _decode(self) -> None:
        decoder = Decoder(self._reader.name, lambda at_s: at_s)
        due_at = float("-inf")
        number = 0
        while not self.ended:
            packet = self._reader.take(_LOOK_EVERY_S)
            if packet is None:
                continue
            for frame in decoder.decode(packet, now=packet.received_at):
                now = self._clock.monotonic()
                if now < due_at:
                    continue
                due_at = now + 1 / self._settings.mjpeg_fps
                picture = picture_of(
                    frame, max_width=self._settings.mjpeg_max_width, quality=_QUALITY
                )
                if picture is not None:
                    number += 1
                    self._newest = (number, picture)
                    self._ring()
