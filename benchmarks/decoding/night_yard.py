"""`python -m benchmarks.decoding.night_yard`: what a night camera costs asleep, beside being awake.

Drawn as the recorded one that never slept: a yard in infra-red with a bright tree in it, HEVC
960 × 1088 at 30 pictures a second, a keyframe every 4.7 s, a sensor's noise. The detector names the
tree smoke in every other look, about as surely as the rule asks for. Decoding, looks and rules are
a worker's, in this process; CPU-seconds are this process's own, so other programs do not count.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import count
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.harness import results_file
from benchmarks.harness.default_site import default_site
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.inference.region_inference import RegionInference
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy, adaptive_decoding_settings
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.decoding.policy import DecodingMode, PolicyDecoder
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.recorded_file import read_file

FPS, WIDTH, HEIGHT = 30, 960, 1088
GROUP = round(4.7 * FPS)
GROUPS = 10  # of the film, which is played again and again
NOISE = 4.0  # levels, RMS
TREE = (240, 120, 600, 480)  # px
LEARNS_S = 60.0  # packet sizes are learned, and the tree was judged
HELD_BYTES = 24_000_000
CAMERA = CameraConfig(id="yard", name="Sân", source=SecretUrl("rtsp://10.0.0.5/1"))
WAYS = ("awake", "asleep")
PROMISED = 8.0


@dataclass(slots=True, kw_only=True)
class Spent:
    """What one way took, after the camera was learned."""

    camera_s: float = 0.0
    cpu_s: float = 0.0
    decoded: int = 0
    looks: int = 0
    parts: int = 0
    events: int = 0
    asleep_share: float = 0.0

    @property
    def cost(self) -> float:
        """CPU-seconds a camera-second."""
        return self.cpu_s / self.camera_s


def main(arguments: Sequence[str] | None = None) -> int:
    """Watch both ways, write, print; 1 where sleeping saves less than is promised."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.decoding.night_yard", description=__doc__
    )
    parser.add_argument("--seconds", type=float, default=90.0, help="of camera time, a way")
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"))
    parser.add_argument("--name", default="night_yard")
    asked = parser.parse_args(arguments)
    asked.cache.mkdir(parents=True, exist_ok=True)
    site = default_site()
    settings = site.detector.model_copy(update={"device": "cpu"})
    detector = load_detector(settings, asked.cache / "models")
    film = _film(asked.cache)
    spent = {way: _watched(way, film, site, detector, asked.seconds) for way in WAYS}
    times = spent["awake"].cost / spent["asleep"].cost
    content = {
        "machine": machine(),
        "versions": versions(),
        "times_cheaper": round(times, 2),
        **{way: asdict(spent[way]) for way in WAYS},
    }
    table = _table(spent)
    path = results_file.write(asked.name, content, table)
    sys.stdout.write(f"{table}asleep {times:.1f} times cheaper\n{path}\n")
    return 0 if times >= PROMISED else 1


def _watched(way: str, film: list[Packet], site: Site, detector: Detector, seconds: float) -> Spent:
    """Watch for `LEARNS_S`, then so many seconds more, which count."""
    watching = _Watching(site, detector, keep_awake=way == "awake")
    packets = _again_and_again(film)
    before = Spent()
    for packet in packets:
        if packet.at_s >= LEARNS_S:
            break
        watching.take(packet)
    before, asleep = watching.spent(), 0
    began_s, began_cpu_s, number = packet.at_s, time.process_time(), 0
    for packet in packets:
        if packet.at_s >= began_s + seconds:
            break
        watching.take(packet)
        number += 1
        asleep += watching.is_asleep
    cpu_s = time.process_time() - began_cpu_s
    after = watching.spent()
    return Spent(
        camera_s=round(packet.at_s - began_s, 2),
        cpu_s=round(cpu_s, 3),
        decoded=after.decoded - before.decoded,
        looks=after.looks - before.looks,
        parts=after.parts - before.parts,
        events=after.events,
        asleep_share=round(asleep / number, 3),
    )


class _Watching:
    """The camera as a worker watches it."""

    def __init__(self, site: Site, detector: Detector, *, keep_awake: bool) -> None:
        numbers = count()
        self._keep_awake = keep_awake
        self._interval_s = site.looks.interval_s
        self._policy = AdaptiveDecodingPolicy(adaptive_decoding_settings(site.looks))
        self._decoding = PolicyDecoder(
            Decoder(CAMERA.id, lambda at_s: 1e9 + at_s), self._policy, max_held_bytes=HELD_BYTES
        )
        self._named = _Named(detector)
        self._regions = RegionInference(
            self._named.detect, detector.size_px, is_on=site.looks.regions
        )
        self._scene = CameraPipeline(
            CAMERA, site.rules, detector.model, lambda: f"id-{next(numbers)}"
        )
        self._next_look_s = 0.0
        self._looks = 0
        self._events = 0

    @property
    def is_asleep(self) -> bool:
        """Whether it sleeps now."""
        return self._policy.status.mode is DecodingMode.IDLE

    def spent(self) -> Spent:
        """What was done so far."""
        return Spent(
            decoded=self._decoding.decoder.packets,
            looks=self._looks,
            parts=self._regions.counts.done,
            events=self._events,
        )

    def take(self, packet: Packet) -> None:
        """Decode what is due, and look at the newest picture when the interval has passed."""
        if self._keep_awake:
            self._policy.wake("kept awake")
        newest: Frame | None = None
        for newest in self._decoding.take(packet, 0.0, now=0.0):
            self._scene.glance(newest)
        if newest is None or newest.at_s + 1e-6 < self._next_look_s:
            return
        self._next_look_s = newest.at_s + self._interval_s - 0.02
        self._looks += 1
        (seen,) = self._regions.observe([newest])
        self._events += len(self._scene.observe(newest, seen))
        if self._scene.is_attentive:
            self._policy.wake("a look", is_sure=self._scene.has_candidate)


class _Named:
    """The real detector, which moreover names the tree smoke in every other whole picture."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._chance = np.random.default_rng(4)

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """What it sees, and the tree."""
        return [
            self._with_tree(seen) if (seen.width, seen.height) == (WIDTH, HEIGHT) else seen
            for seen in self._detector.detect(frames)
        ]

    def _with_tree(self, seen: Detections) -> Detections:
        if self._chance.random() < 0.5:
            return seen
        moved = self._chance.uniform(-0.04, 0.04, 2) * (WIDTH, HEIGHT)
        box = np.array(TREE, np.float32) + np.tile(moved, 2).astype(np.float32)
        confidence = np.float32(self._chance.uniform(0.16, 0.31))
        place = int(np.searchsorted(-seen.confidence, -confidence))
        return replace(
            seen,
            xyxy=np.insert(seen.xyxy, place, box, axis=0),
            confidence=np.insert(seen.confidence, place, confidence),
            label=(*seen.label[:place], "smoke", *seen.label[place:]),
        )


def _again_and_again(film: list[Packet]) -> Iterator[Packet]:
    for turn in count():
        for number, packet in enumerate(film):
            yield packet.at((turn * len(film) + number) / FPS)


def _film(cache: Path) -> list[Packet]:
    """Whole groups, so that the end goes on with the beginning."""
    path = cache / f"night-yard-{WIDTH}x{HEIGHT}-{GROUPS}.mp4"
    if not path.exists():
        _encode(path)
    return [one for one in read_file(path, CAMERA.id) if isinstance(one, Packet)]


def _encode(path: Path) -> None:
    options = {"preset": "ultrafast", "crf": "27"}
    options["x265-params"] = (
        f"keyint={GROUP}:min-keyint={GROUP}:scenecut=0:bframes=0:open-gop=0:log-level=none"
    )
    made = path.with_suffix(".part.mp4")
    with av.open(str(made), "w", format="mp4") as out:
        stream = out.add_stream("libx265", rate=Fraction(FPS), options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, picture in enumerate(_yard(GROUPS * GROUP)):
            frame = av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    made.rename(path)


def _yard(pictures: int) -> Iterator[npt.NDArray[np.uint8]]:
    chance = np.random.default_rng(7)
    grey = np.full((HEIGHT, WIDTH), 38, np.uint8)
    grey[HEIGHT * 3 // 4 :] = 52
    left, top, right, bottom = TREE
    leaves = chance.integers(130, 210, (45, 45)).astype(np.uint8)
    grey[top:bottom, left:right] = cv2.resize(leaves, (right - left, bottom - top))
    for _ in range(pictures):
        noise = np.empty((HEIGHT, WIDTH), np.int16)
        cv2.randn(noise, 0, NOISE)
        yield cv2.add(grey, noise, dtype=cv2.CV_8U)


def _table(spent: dict[str, Spent]) -> str:
    head = ("way", "CPU-s per camera-s", "pictures decoded/s", "looks/s", "parts/s", "asleep")
    rows = [
        (
            way,
            f"{one.cost:.4f}",
            f"{one.decoded / one.camera_s:.2f}",
            f"{one.looks / one.camera_s:.2f}",
            f"{one.parts / one.camera_s:.2f}",
            f"{one.asleep_share:.0%}",
        )
        for way, one in spent.items()
    ]
    return markdown(head, rows)


if __name__ == "__main__":
    raise SystemExit(main())
