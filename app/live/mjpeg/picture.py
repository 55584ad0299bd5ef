"""One picture as JPEG with the time at which it was taken."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from ingest.decoding.decoder import Decoder
from ingest.frame import Frame
from ingest.packets.packet import Packet


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegPicture:
    """A JPEG. `captured_at` is UTC unix seconds, as well as we know."""

    jpeg: bytes
    captured_at: float
    width: int
    height: int


def newest_picture(packets: Sequence[Packet]) -> JpegPicture | None:
    """The last picture of a group that begins with a keyframe; None when none decodes."""
    decoder = Decoder("still", lambda at_s: at_s)
    newest: Frame | None = None
    for packet in packets:
        for frame in decoder.decode(packet, now=packet.received_at):
            newest = frame
    for frame in decoder.drain(now=packets[-1].received_at if packets else 0.0):
        newest = frame
    return None if newest is None else picture_of(newest, max_width=newest.width, quality=88)


def picture_of(frame: Frame, *, max_width: int, quality: int) -> JpegPicture | None:
    """A frame as JPEG, made smaller where it is wider; None when it cannot be encoded.

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
