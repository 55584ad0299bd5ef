"""The clips that play as cameras.

Re-encoded as a camera sends (no B-frames, a keyframe every 2 s, constant frame rate, variable
bitrate), with a sensor's noise in every picture.

quiet: one picture of a street that stands still. ordinary: people or cars pass. busy: a fire burns
in view, so that every camera is awake. From recorded videos where a folder of them is given, else
from the project's drawn street. Enlarged clips have less detail than a real camera of that size.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

from thapcanh.app.drills.synthetic_clip import (
    ClipShape,
    synthetic_fire_clip,
    synthetic_quiet_clip,
)
from thapcanh.ingest.packets.libav import open_container

SCENES = ("quiet", "ordinary", "busy")
FPS = 15
GOP_S = 2
SECONDS = 30
LEAD_S = 4  # encoded before the clip begins: a rate control needs some groups to settle
RECIPE = 5  # raise it when the encoding changes

RECORDED = {
    "quiet": "ordinary/ahmetozlu__vehicle_survaillance.mp4",
    "ordinary": "ordinary/ahmetozlu__pedestrian_survaillance.mp4",
    "busy": "fire/ChekaLowQiJun__fire.mp4",
}
_BEGINS_S = {"busy": 4.0}
_NOISE = 2.0  # levels: a camera by day and at dusk has 1 to 4
_ENCODERS = {
    "h264": ("libx264", {"preset": "veryfast", "crf": "25"}),
    "hevc": ("libx265", {"preset": "ultrafast", "crf": "27"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A clip and what it shows."""

    path: Path
    scene: str
    codec: str
    width: int
    height: int
    source: str
    """"recorded", "made", or the name of the file that was asked for."""


def given_clip(path: Path, scene: str) -> Clip:
    """A file of the caller's, played as it is."""
    with open_container(str(path)) as container:
        stream = container.streams.video[0]
        return Clip(
            path=path,
            scene=scene,
            codec=stream.codec_context.name,
            width=stream.width,
            height=stream.height,
            source=path.name,
        )


def clip(scene: str, codec: str, height: int, *, videos: Path | None, cache: Path) -> Clip:
    """The clip of a scene, made now if it is not in the cache."""
    recorded = videos / RECORDED[scene] if videos else None
    source = "recorded" if recorded and recorded.is_file() else "made"
    width = height * 16 // 9
    path = cache / f"{scene}-{source}-{codec}-{height}p-r{RECIPE}.mp4"
    made = Clip(path=path, scene=scene, codec=codec, width=width, height=height, source=source)
    if not path.is_file():
        begins = recorded if source == "recorded" and recorded else _made(scene, height, cache)
        _make(begins, made)
    return made


def recorded_clip(recorded: Path, codec: str, height: int, *, cache: Path) -> Clip:
    """Half a minute of a recorded video as a camera sends it, round and round."""
    width = height * 16 // 9
    path = cache / f"recorded-{recorded.stem}-{codec}-{height}p-r{RECIPE}.mp4"
    made = Clip(
        path=path, scene="recorded", codec=codec, width=width, height=height, source=recorded.name
    )
    if not path.is_file():
        _make(recorded, made)
    return made


def _make(source: Path, clip: Clip) -> None:
    clip.path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(suffix=".part.mp4", dir=clip.path.parent)
    os.close(handle)
    pictures = _pictures(source, clip.scene, clip.width, clip.height)
    _encode(Path(name), pictures, clip.codec, clip.width, clip.height)
    Path(name).replace(clip.path)


def _made(scene: str, height: int, cache: Path) -> Path:
    drawn = min(height, 720)  # drawing is slow, and its detail is not what is measured
    path = cache / f"drawn-{scene}-{drawn}p.mp4"
    width = drawn * 16 // 9
    shape = ClipShape(duration_s=SECONDS, width=width, height=drawn, onset_s=1.0, grows_s=3.0)
    make = synthetic_fire_clip if scene == "busy" else synthetic_quiet_clip
    return make(path, shape=shape).path


def _pictures(source: Path, scene: str, width: int, height: int) -> Iterator[av.VideoFrame]:
    """The source's pictures at our size and rate, round and round; one only for a quiet scene."""
    found = [
        frame.reformat(width=width, height=height, format="yuv420p")
        for frame in islice(_at_rate(source, _BEGINS_S.get(scene, 0.0)), SECONDS * FPS)
    ]
    if scene == "quiet":
        found = found[:1]
    for number in range(-LEAD_S * FPS, SECONDS * FPS):
        yield found[number % len(found)]


def _at_rate(source: Path, begins_s: float) -> Iterator[av.VideoFrame]:
    next_s = begins_s
    with open_container(str(source)) as container:
        for frame in container.decode(video=0):
            if (frame.time or 0.0) >= next_s:
                next_s += 1 / FPS
                yield frame


def _encode(
    path: Path, pictures: Iterator[av.VideoFrame], codec: str, width: int, height: int
) -> None:
    encoder, options = _ENCODERS[codec]
    gop = FPS * GOP_S
    limits = f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0"
    private = {"libx264": "x264-params", "libx265": "x265-params"}[encoder]
    quiet = limits if encoder == "libx264" else f"{limits}:log-level=none"
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream(encoder, rate=FPS, options={**options, private: quiet})
        if not isinstance(stream, VideoStream):
            raise TypeError(f"{encoder} is not a video encoder")
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        noise = _Noise(width, height)
        for number, picture in enumerate(pictures):
            frame = noise.added(picture)
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            _mux(out, stream.encode(frame))
        _mux(out, stream.encode(None))


def _mux(out: OutputContainer, packets: Iterable[Any]) -> None:
    """Without the lead, which ends at a keyframe."""
    for packet in packets:
        lead = round(LEAD_S / packet.time_base)
        packet.pts, packet.dts = packet.pts - lead, packet.dts - lead
        if packet.pts >= 0:
            out.mux(packet)


class _Noise:
    """Grain that is new in every picture: a few fields of it, shifted at random."""

    def __init__(self, width: int, height: int) -> None:
        self._chance = np.random.default_rng(1)
        field = self._chance.normal(0, _NOISE, (height + 64, width + 64))
        self._field = np.rint(field).astype(np.int16)

    def added(self, picture: av.VideoFrame) -> av.VideoFrame:
        planes: Any = picture.to_ndarray()
        height, width = picture.height, picture.width
        top, left = self._chance.integers(0, 64, 2)
        grain = self._field[top : top + height, left : left + width]
        planes[:height] = np.clip(planes[:height].astype(np.int16) + grain, 0, 255)
        return av.VideoFrame.from_ndarray(planes, format="yuv420p")
