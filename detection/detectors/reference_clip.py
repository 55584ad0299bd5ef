"""Reference clip: a drawn fire of five seconds that every model must detect.

Raises `DetectorError` without a picture.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from thapcanh.config.secret import SecretUrl
from thapcanh.detection.errors import DetectorError
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.errors import Ended, SourceError
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.sources.registry import open_source

LABEL = "fire"
_CLIP = Path(__file__).with_name("known_fire.mp4")


def reference_clip(camera_id: str, utc_of: Callable[[float], float]) -> list[Frame]:
    """Return its pictures in order; `utc_of` dates a camera time."""
    decoder = Decoder(camera_id, utc_of)
    now = utc_of(0.0)
    frames: list[Frame] = []
    try:
        with suppress(Ended), open_source(SecretUrl(str(_CLIP))) as connection:
            for packet in connection:
                frames += decoder.decode(packet, now=now)
    except SourceError as error:
        raise DetectorError(f"the known film cannot be read: {error}") from error
    frames += decoder.drain(now=now)
    if not frames:
        raise DetectorError("the known film could not be decoded")
    return frames
