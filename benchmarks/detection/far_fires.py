"""What region looks are worth: recorded fires made small, seen with the whole look and with both.

`python -m benchmarks.detection.far_fires TRUTH.csv` pastes each clip of a truth table, shrunk to a
part of the picture's width, into another clip where people and cars move, as a far camera would
show it, and asks one scene without and one with region looks. Clips without fire are pasted alike:
what is raised on them is false. Writes `results/far_fires.json` and a table.
"""

import argparse
import sys
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.detection.synthetic_inferences import (
    HEIGHT,
    LOOK_EVERY_S,
    WIDTH,
    Pixels,
    frame_of,
    raised_on,
    through_jpeg,
)
from benchmarks.harness import results_file
from benchmarks.harness.default_site import default_site
from benchmarks.harness.machine import machine, versions
from thapcanh.app.process.terminal import with_progress
from thapcanh.app.site.site_paths import user_cache_dir
from thapcanh.config.site import Site
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.sources.recorded_file import read_file
from thapcanh.tools.evaluation.evaluate import Truth, read_truth
from thapcanh.tools.evaluation.score import BURNING

BACKGROUNDS = (
    "ordinary/arjun-234__car_traffic_small.mp4",
    "ordinary/WizTechGamer__people.mp4",
    "ordinary/ahmetozlu__pedestrian_survaillance.mp4",
    "ordinary/sukhitashvili__office_fight.mp4",
    "negative/acombs121__kitchen_fire.mp4",
)
BEFORE_S, AFTER_S = 1.0, 7.0  # of the onset: what is shown of each clip
BACKGROUND_LOOKS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one way of looking raised on one made clip."""

    file: str
    kind: str
    way: str
    raised: list[str]
    looks: int
    regions: int


def main() -> int:
    """Make, look, write, print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.detection.far_fires", description=__doc__
    )
    parser.add_argument("truth", type=Path, metavar="TRUTH.csv")
    parser.add_argument("--part", type=int, default=8, help="of the picture's width: 1 / PART")
    asked = parser.parse_args()
    site = default_site()
    detector = load_detector(site.detector, user_cache_dir() / "models")
    folder = asked.truth.parent
    streets = [list(_street(folder / name)) for name in BACKGROUNDS if (folder / name).is_file()]
    if not streets:
        sys.stderr.write(f"{folder}: none of the clips to paste into; see BACKGROUNDS\n")
        return 1
    scored = [truth for truth in read_truth(asked.truth) if truth.kind in (*BURNING, "none")]
    found: list[Seen] = []
    for number, truth in enumerate(with_progress(scored, lambda truth: truth.file)):
        made = list(far_clip(folder, truth, streets[number % len(streets)], asked.part))
        found += [_look(detector, site, truth, made, regions=on) for on in (False, True)]
    content: dict[str, Any] = {
        "machine": machine(),
        "versions": versions(),
        "part": asked.part,
        "rows": [asdict(row) for row in found],
    }
    table = _table(found)
    path = results_file.write("far_fires", content, table)
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


def far_clip(folder: Path, truth: Truth, street: Sequence[Pixels], part: int) -> Iterator[Frame]:
    """The clip around its onset, small, at a place that its name decides."""
    onset_s = truth.onset_s or 0.0
    rng = np.random.default_rng(zlib.crc32(truth.file.encode()))
    across, down = rng.random(2)
    back_and_forth = [*street, *reversed(street)]
    for number, frame in enumerate(_looked_at(folder / truth.file)):
        if frame.at_s < onset_s - BEFORE_S:
            continue
        if frame.at_s > onset_s + AFTER_S:
            return
        around = back_and_forth[number % len(back_and_forth)]
        shown = _pasted(around, frame.bgr(), (across, down), part)
        yield frame_of(shown, frame.at_s, frame.captured_at)


def _pasted(around: Pixels, pixels: Pixels, at: tuple[float, float], part: int) -> Pixels:
    """The picture, small and soft at its edges, in the upper three quarters of the other."""
    share = min(WIDTH / part / pixels.shape[1], 2 * HEIGHT / part / pixels.shape[0])
    small = cv2.resize(pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    tall, wide = small.shape[:2]
    edge = max(2, wide // 12)
    opaque = np.zeros((tall, wide), np.float32)
    opaque[edge:-edge, edge:-edge] = 1
    opaque = cv2.blur(opaque, (edge, edge))[..., None]
    left, top = int(at[0] * (WIDTH - wide)), int(at[1] * max(0, 0.75 * HEIGHT - tall))
    made = around.copy()
    place = made[top : top + tall, left : left + wide]
    place[:] = (place * (1 - opaque) + small * opaque).astype(np.uint8)
    return through_jpeg(made)


def _street(path: Path) -> Iterator[Pixels]:
    for frame, _ in zip(_looked_at(path), range(BACKGROUND_LOOKS), strict=False):
        sized = cv2.resize(frame.bgr(), (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
        yield np.asarray(sized, dtype=np.uint8)


def _looked_at(path: Path) -> Iterator[Frame]:
    """The frames at the look interval."""
    next_s = 0.0
    for piece in read_file(path, "far"):
        if isinstance(piece, Frame) and piece.at_s >= next_s:
            next_s = (int(piece.at_s / LOOK_EVERY_S) + 1) * LOOK_EVERY_S
            yield piece


def _look(
    detector: Detector, site: Site, truth: Truth, frames: Sequence[Frame], *, regions: bool
) -> Seen:
    found = raised_on(frames, detector, site, regions=regions)
    raised = [
        f"{event.kind} at {event.at_s:.1f} s: {event.confidence:.2f}" for event in found.events
    ]
    return Seen(
        file=truth.file,
        kind=truth.kind,
        way="whole and region look" if regions else "whole look",
        raised=raised,
        looks=len(frames),
        regions=found.regions,
    )


def _table(found: Sequence[Seen]) -> str:
    head = ("", "fires seen", "smoke seen", "false alerts", "region looks a look")
    return results_file.markdown(head, [_line(found, way) for way in _ways(found)])


def _ways(found: Sequence[Seen]) -> list[str]:
    return list(dict.fromkeys(row.way for row in found))


def _line(found: Sequence[Seen], way: str) -> tuple[str, ...]:
    ours = [row for row in found if row.way == way]

    def seen(kind: str) -> str:
        of_kind = [row for row in ours if row.kind == kind]
        return f"{sum(bool(row.raised) for row in of_kind)} of {len(of_kind)}"

    false = sum(len(row.raised) for row in ours if row.kind == "none")
    clips = sum(row.kind == "none" for row in ours)
    share = sum(row.regions for row in ours) / max(1, sum(row.looks for row in ours))
    return way, seen("fire"), seen("smoke"), f"{false} on {clips} clips", f"{share:.2f}"


if __name__ == "__main__":
    raise SystemExit(main())
