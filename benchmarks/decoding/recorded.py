"""`python -m benchmarks.decoding.recorded TRUTH.csv …`: what recorded streets cost, and why.

The longest quiet clips of truth tables (nothing burns; no sky) play as cameras send them, round and
round. Each is watched as a worker watches, then by the floor: keyframes alone, and as many looks;
then by one that also looks at as many parts of pictures. All of it runs in this process by camera
time: the share of time awake, its reasons, decoded pictures and looks do not depend on the machine,
and CPU-seconds bear a busy one. `--stays` adds rules about loitering and stopped vehicles; `--find`
leaves the floors out.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

import av

from benchmarks.clips import FPS, Clip, recorded_clip
from benchmarks.harness import results_file
from benchmarks.harness.default_site import default_site
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown
from thapcanh.config.camera import CameraConfig, ZoneConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.inference.region_inference import RegionInference
from thapcanh.detection.rules.loitering import LoiteringRule
from thapcanh.detection.rules.stopped_vehicle import StoppedVehicleRule
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy, adaptive_decoding_settings
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.decoding.policy import DecodingMode, PolicyDecoder
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.recorded_file import read_file
from thapcanh.tools.evaluation.evaluate import Truth, read_truth

LEARNS_S = 60.0  # two rounds: sizes are learned, places were judged
HELD_BYTES = 24_000_000
WHOLE = ZoneConfig(
    id="whole", name="whole", polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
)
STAYS = (LoiteringRule(id="stay", zone="whole"), StoppedVehicleRule(id="stop", zone="whole"))
_LEAST_FPS = 10


@dataclass(slots=True, kw_only=True)
class Spent:
    """What watching took, after the camera was learned."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    decoded: int = 0
    looks: int = 0
    inferences: int = 0
    events: int = 0
    awake_s: dict[str, float] = field(default_factory=dict)  # by reason

    @property
    def cost(self) -> float:
        """CPU-seconds a camera-second."""
        return self.cpu_s / self.seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Watch each clip, write, print."""
    asked = _parser().parse_args(arguments)
    site = default_site()
    settings = site.detector.model_copy(update={"device": "cpu"})
    detector = load_detector(settings, asked.cache / "models")
    if asked.stays:
        site = site.model_copy(update={"rules": (*site.rules, *STAYS)})
    rows = []
    for table, truth in longest(asked.truths, asked.clips):
        clip = recorded_clip(table.parent / truth.file, "h264", asked.height, cache=asked.cache)
        rows.append(_row(clip, site, detector, asked))
        sys.stderr.write(f"{rows[-1]}\n")
    content = {"machine": machine(), "versions": versions(), "rows": rows}
    table_text = _table(rows)
    path = results_file.write(asked.name, content, table_text)
    sys.stdout.write(f"{table_text}\n{path}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.decoding.recorded", description=__doc__
    )
    parser.add_argument("truths", type=Path, nargs="+", help="truth tables")
    parser.add_argument("--clips", type=int, default=12, help="how many, the longest first")
    parser.add_argument(
        "--seconds", type=float, default=60.0, help="of camera time, after learning"
    )
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--repeat", type=int, default=1, help="turns")
    parser.add_argument("--find", action="store_true", help="without the floor")
    parser.add_argument("--stays", action="store_true", help="rules about who stays and stops, too")
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"))
    parser.add_argument("--name", default="recorded_cameras", help="of the results' files")
    return parser


def longest(tables: Sequence[Path], number: int) -> list[tuple[Path, Truth]]:
    """The longest clips on which nothing burns, as far as a camera stands there."""
    quiet = [
        (table, truth)
        for table in tables
        for truth in read_truth(table)
        if truth.kind == "none" and truth.scene != "sky"
    ]
    return sorted(quiet, key=lambda one: -_seconds(one[0].parent / one[1].file))[:number]


def _seconds(path: Path) -> float:
    """How long it is; nothing where it is a time-lapse."""
    with open_container(str(path)) as container:
        rate = container.streams.video[0].average_rate or 0
        return (container.duration or 0) / av.time_base if rate >= _LEAST_FPS else 0.0


def _row(clip: Clip, site: Site, detector: Detector, asked: argparse.Namespace) -> dict[str, Any]:
    packets = [one for one in read_file(clip.path, "replay") if isinstance(one, Packet)]
    ours, floors, whole_floors = [], [], []
    for _ in range(asked.repeat):
        ours.append(_watched(packets, site, detector, asked.seconds))
        if not asked.find:
            floors.append(_floor(packets, detector, ours[-1], parts=False))
            whole_floors.append(_floor(packets, detector, ours[-1], parts=True))
    spent = ours[0]
    row: dict[str, Any] = {
        "clip": clip.source,
        **asdict(spent),
        "cpu_s_per_camera_s": round(median(one.cost for one in ours), 5),
        "awake_share": round(sum(spent.awake_s.values()) / spent.seconds, 3),
        "decoded_per_s": round(spent.decoded / spent.seconds, 2),
        "looks_per_s": round(spent.looks / spent.seconds, 3),
    }
    if floors:
        row["floor_cpu_s_per_camera_s"] = round(median(one.cost for one in floors), 5)
        row["times_floor"] = _times(ours, floors)
        row["times_floor_with_parts"] = _times(ours, whole_floors)
    return row


def _times(ours: Sequence[Spent], floors: Sequence[Spent]) -> float:
    turns = zip(ours, floors, strict=True)
    return round(median(one.cost / floor.cost for one, floor in turns), 3)


class Watching:
    """A camera as a worker watches it."""

    def __init__(self, site: Site, detector: Detector) -> None:
        numbers = count()
        camera = CameraConfig(
            id="street",
            name="street",
            source=SecretUrl("rtsp://10.0.0.5/1"),
            zones=(WHOLE,),
        )
        self._interval_s = site.looks.interval_s
        self.policy = AdaptiveDecodingPolicy(adaptive_decoding_settings(site.looks))
        self._decoding = PolicyDecoder(
            Decoder(camera.id, lambda at_s: 1e9 + at_s), self.policy, max_held_bytes=HELD_BYTES
        )
        self._regions = RegionInference(detector.detect, detector.size_px, is_on=site.looks.regions)
        self.scene = CameraPipeline(
            camera, site.rules, detector.model, lambda: f"id-{next(numbers)}"
        )
        self._newest: Frame | None = None
        self._next_look_s = 0.0
        self._counts = Counter[str]()

    def spent(self) -> Spent:
        """What was done so far."""
        return Spent(
            decoded=self._decoding.decoder.packets,
            looks=self._counts["looks"],
            inferences=self._counts["looks"] + self._regions.counts.done,
            events=self._counts["events"],
        )

    def take(self, packet: Packet) -> None:
        """Decode what is due, and look at the newest picture when the interval has passed."""
        for frame in self._decoding.take(packet, 0.0, now=0.0):
            self.scene.glance(frame)
            self._newest = frame
        if self._newest is None or packet.at_s + 1e-6 < self._next_look_s:
            return
        newest, self._newest = self._newest, None
        self._next_look_s = packet.at_s + self._interval_s
        self._counts["looks"] += 1
        (seen,) = self._regions.observe([newest])
        self._counts["events"] += len(self.scene.observe(newest, seen))
        if self.scene.is_attentive:
            self.policy.wake("a look", is_sure=self.scene.has_candidate)


def _watched(packets: list[Packet], site: Site, detector: Detector, seconds: float) -> Spent:
    """Watch for `LEARNS_S`, then so many seconds more, which count."""
    watching, stream = Watching(site, detector), _again_and_again(packets)
    for packet in stream:
        if packet.at_s >= LEARNS_S:
            break
        watching.take(packet)
    before, awake = watching.spent(), Counter[str]()
    began_cpu_s = time.process_time()
    for packet in stream:
        if packet.at_s >= LEARNS_S + seconds:
            break
        watching.take(packet)
        if watching.policy.status.mode is not DecodingMode.IDLE:
            awake[watching.policy.status.reason] += 1
    cpu_s, after = time.process_time() - began_cpu_s, watching.spent()
    return Spent(
        seconds=seconds,
        cpu_s=round(cpu_s, 4),
        decoded=after.decoded - before.decoded,
        looks=after.looks - before.looks,
        inferences=after.inferences - before.inferences,
        events=after.events - before.events,
        awake_s={reason: round(number / FPS, 2) for reason, number in awake.items()},
    )


def _floor(packets: list[Packet], detector: Detector, ours: Spent, *, parts: bool) -> Spent:
    """Decode keyframes alone, those that a look is due at, and look as often as was looked.

    With `parts` it makes as many inferences, of a part of the picture each time but for its look.
    """
    decoder = Decoder("floor", lambda at_s: 1e9 + at_s)
    newest: Frame | None = None
    due_s, looks, owed = 0.0, 0, 0.0
    each_s, more = ours.seconds / ours.looks, ours.inferences / ours.looks - 1.0
    began_cpu_s = time.process_time()
    for packet in _again_and_again(packets):
        if packet.at_s >= ours.seconds:
            break
        if packet.is_keyframe and (newest is None or packet.at_s + 2.0 > due_s):
            frames, _ = decoder.decode_alone(packet, now=0.0)
            newest = next(iter(frames), newest)
        while newest is not None and packet.at_s >= due_s:
            due_s += each_s
            owed += more if parts else 0.0
            looks += 1
            detector.detect([newest])
            if owed >= 1.0:
                owed -= 1.0
                size_px = detector.size_px
                detector.detect([newest.cut(0, 0, size_px, size_px * 9 // 16)])
    return Spent(
        seconds=ours.seconds,
        cpu_s=round(time.process_time() - began_cpu_s, 4),
        decoded=decoder.packets,
        looks=looks,
    )


def _again_and_again(film: list[Packet]) -> Iterator[Packet]:
    for turn in count():
        for number, packet in enumerate(film):
            yield packet.at((turn * len(film) + number) / FPS)


def _table(rows: Sequence[dict[str, Any]]) -> str:
    head = ("clip", "CPU-s per camera-s", "times floor", "with parts", "awake", "why",
            "decoded/s", "looks/s", "events")  # fmt: skip
    return markdown(
        head,
        [
            (
                row["clip"],
                f"{row['cpu_s_per_camera_s']:.4f}",
                row.get("times_floor", "–"),
                row.get("times_floor_with_parts", "–"),
                f"{100 * row['awake_share']:.0f} %",
                "; ".join(f"{why} {seconds:.0f} s" for why, seconds in row["awake_s"].items()),
                row["decoded_per_s"],
                row["looks_per_s"],
                row["events"],
            )
            for row in rows
        ],
    )


if __name__ == "__main__":
    raise SystemExit(main())
