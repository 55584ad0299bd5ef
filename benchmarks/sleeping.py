"""`python -m benchmarks.sleeping TRUTH.csv`: what sleeping costs in recall, false alerts and delay.

Every clip of a truth table is re-encoded as a camera sends it and watched twice as a worker would,
once decoding everything and once asleep until something wakes it, by the same detector and rules.
Camera time is the only time, so the figures do not depend on the machine.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness import results_file
from benchmarks.harness.default_site import default_site
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown
from thapcanh.app.replay.replay import camera_and_rules, ids_of
from thapcanh.config.site import Site
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.ingest.decoding.adaptive import AdaptiveDecodingPolicy, adaptive_decoding_settings
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.decoding.policy import AlwaysDecodingPolicy, DecodingPolicy, PolicyDecoder
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.recorded_file import read_file
from thapcanh.tools.evaluation.evaluate import RaisedEvents, Truth, read_truth
from thapcanh.tools.evaluation.score import ClipScore, judge, score
from thapcanh.tools.simulator.camera_file import CameraShape, re_encode

SHAPE = CameraShape(max_width=1280, max_height=720, max_fps=15.0, gop_s=2.0)
HELD_BYTES = 24_000_000
WAYS = ("everything", "asleep")


@dataclass(slots=True, kw_only=True)
class _Cost:
    """Of one way, over all clips."""

    packets: int = 0
    decoded: int = 0
    looks: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Watch every clip both ways, write, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sleeping", description=__doc__)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"))
    parser.add_argument("--as-is", action="store_true", help="the clips are as a camera sends them")
    parser.add_argument("--name", default="sleeping")
    asked = parser.parse_args(arguments)
    site = default_site()
    detector = load_detector(
        site.detector.model_copy(update={"device": "cpu"}), asked.cache / "models"
    )
    rows: dict[str, list[ClipScore]] = {way: [] for way in WAYS}
    costs = {way: _Cost() for way in WAYS}
    watcher = _Watcher(site=site, detector=detector)
    for truth in read_truth(asked.truth):
        path = asked.truth.parent / truth.file
        clip = path if asked.as_is else re_encode(path, SHAPE, asked.cache)
        packets = [one for one in read_file(clip, "replay") if isinstance(one, Packet)]
        for way in WAYS:
            rows[way].append(watcher.watch(way, truth, packets, costs[way]))
        _progress(truth, rows)
    content = {
        "machine": machine(),
        "versions": versions(),
        **{way: {"cost": asdict(costs[way]), **asdict(score(rows[way]))} for way in WAYS},
    }
    table = _table(rows, costs)
    path = results_file.write(asked.name, content, table)
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watcher:
    """The site's rules and its detector."""

    site: Site
    detector: Detector

    def watch(self, way: str, truth: Truth, packets: Sequence[Packet], cost: _Cost) -> ClipScore:
        """One clip; a look takes the newest picture when the interval has passed."""
        camera, rules = camera_and_rules(self.site, Path(truth.file))
        scene = CameraPipeline(camera, rules, self.detector.model, ids_of(Path(truth.file)))
        policy: DecodingPolicy = AlwaysDecodingPolicy()
        if way == "asleep":
            policy = AdaptiveDecodingPolicy(adaptive_decoding_settings(self.site.looks))
        decoding = PolicyDecoder(
            Decoder(camera.id, lambda at_s: at_s), policy, max_held_bytes=HELD_BYTES
        )
        newest: Frame | None = None
        raised = RaisedEvents()
        next_look_s = 0.0
        for packet in packets:
            for frame in decoding.take(packet, 0.0, now=0.0):
                newest = frame
            if newest is None or packet.at_s + 1e-6 < next_look_s:
                continue
            looked_at, newest = newest, None
            next_look_s = packet.at_s + self.site.looks.interval_s
            cost.looks += 1
            for event in scene.observe(looked_at, self.detector.detect([looked_at])[0]):
                raised.take(event, packet.at_s)
            if scene.is_attentive:
                policy.wake("a look", is_sure=scene.has_candidate)
        cost.packets += len(packets)
        cost.decoded += decoding.decoder.packets
        seconds = packets[-1].at_s if packets else 0.0
        return judge(truth.file, truth.kind, truth.onset_s, seconds, raised.all)


def _progress(truth: Truth, rows: dict[str, list[ClipScore]]) -> None:
    said = (
        f"{way} {rows[way][-1].outcome} "
        + " ".join(f"{one.kind}@{one.at_s:.1f}" for one in rows[way][-1].raised)
        for way in WAYS
    )
    sys.stderr.write(f"{truth.file}: {'; '.join(said)}\n")


def _table(rows: dict[str, list[ClipScore]], costs: dict[str, _Cost]) -> str:
    head = ("way", "fire", "smoke", "false alerts", "delay median / p95", "decoded", "looks")
    lines: list[tuple[Any, ...]] = []
    for way in WAYS:
        result, cost = score(rows[way]), costs[way]
        seen = [f"{one.seen} of {one.clips}" for one in result.recall.all.values()]
        delay = f"{result.delay_s.all.median} / {result.delay_s.all.p95} s"
        share = f"{cost.decoded / max(1, cost.packets):.2f} of the packets"
        lines.append((way, *seen, result.false_alerts.all.count, delay, share, cost.looks))
    return markdown(head, lines)


if __name__ == "__main__":
    raise SystemExit(main())
