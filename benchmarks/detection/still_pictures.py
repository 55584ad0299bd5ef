"""How often a thing that does not burn is believed to: pictures before a camera that does not rest.

`python -m benchmarks.detection.still_pictures FOLDER...` shows every picture found under the
folders to one scene for some seconds: as it is, swaying as a pole does in wind, turning, and in a
light that wavers, each with noise and JPEG's blocks. Nothing in a picture changes from within, so
whatever is raised is false. Pictures that are small, upright or much like another are left out.
Writes `results/still_pictures.json` and a table.
"""

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

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

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
SPARE = 1.06  # of both sides: room for the camera to move in
SECONDS = 8.0
LEAST_WIDTH = 800
ALIKE = 6.0  # mean difference of luma at 16 by 9
NOISE = 3.0
View = tuple[float, float, float]  # pixels to the right and down, strength of the light


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What was raised on one picture in one way of showing it."""

    picture: str
    way: str
    raised: list[str]


def _as_it_is(_: float) -> View:
    return 0.0, 0.0, 1.0


def _swaying(at_s: float) -> View:
    """Up to six pixels, as a pole in wind."""
    turn = 2 * math.pi * at_s
    across = 4 * math.sin(1.3 * turn) + 2 * math.sin(3.1 * turn)
    return across, 2 * math.sin(0.9 * turn), 1.0


def _turning(at_s: float) -> View:
    """From one edge of what there is to the other, in six seconds."""
    room = (SPARE - 1) / 2
    return room * WIDTH * math.sin(0.5 * at_s), 0.5 * room * HEIGHT * math.sin(0.7 * at_s), 1.0


def _in_wavering_light(at_s: float) -> View:
    """A cloud that passes, and lamps that flicker."""
    turn = 2 * math.pi * at_s
    return 0.0, 0.0, 1.0 + 0.08 * math.sin(1.7 * turn) + 0.1 * math.sin(0.15 * turn)


WAYS: dict[str, Callable[[float], View]] = {
    "as it is": _as_it_is,
    "swaying": _swaying,
    "turning": _turning,
    "in wavering light": _in_wavering_light,
}


def main() -> int:
    """Show, look, write, print."""
    name = "python -m benchmarks.detection.still_pictures"
    parser = argparse.ArgumentParser(prog=name, description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    asked = parser.parse_args()
    pictures = list(_pictures(asked.folders))
    if not pictures:
        sys.stderr.write("no picture of 800 pixels or wider in these folders\n")
        return 1
    site = default_site()
    detector = load_detector(site.detector, user_cache_dir() / "models")
    shown = [
        Shown(picture=path.name, way=way, raised=_raised(detector, site, pixels, view))
        for path, pixels in with_progress(pictures, lambda one: one[0].name)
        for way, view in WAYS.items()
    ]
    content: dict[str, Any] = {
        "machine": machine(),
        "versions": versions(),
        "pictures": len(pictures),
        "seconds": SECONDS,
        "rows": [asdict(row) for row in shown if row.raised],
    }
    table = _table(shown)
    path = results_file.write("still_pictures", content, table)
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


def _pictures(folders: Sequence[Path]) -> Iterator[tuple[Path, Pixels]]:
    """Each picture once, a little larger than the camera's."""
    known: list[NDArray[np.float32]] = []
    found = (path for folder in folders for path in sorted(folder.rglob("*")))
    for path in found:
        pixels = cv2.imread(str(path)) if path.suffix.lower() in SUFFIXES else None
        if pixels is None or pixels.shape[1] < max(LEAST_WIDTH, pixels.shape[0]):
            continue
        small = cv2.resize(pixels, (16, 9), interpolation=cv2.INTER_AREA).astype(np.float32)
        if any(float(np.abs(small - other).mean()) < ALIKE for other in known):
            continue
        known.append(small)
        yield path, _sized(np.asarray(pixels, dtype=np.uint8))


def _sized(pixels: Pixels) -> Pixels:
    """Cut from the middle and made as large as the camera's picture and its spare room."""
    width, height = round(SPARE * WIDTH), round(SPARE * HEIGHT)
    share = max(width / pixels.shape[1], height / pixels.shape[0])
    way = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
    large = cv2.resize(pixels, None, fx=share, fy=share, interpolation=way)
    left, top = (large.shape[1] - width) // 2, (large.shape[0] - height) // 2
    return np.asarray(large[top : top + height, left : left + width], dtype=np.uint8)


def _frames(pixels: Pixels, view: Callable[[float], View]) -> Iterator[Frame]:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, NOISE, (2 * HEIGHT, 2 * WIDTH, 1)).astype(np.float32)
    spare_x, spare_y = (pixels.shape[1] - WIDTH) / 2, (pixels.shape[0] - HEIGHT) / 2
    for number in range(round(SECONDS / LOOK_EVERY_S)):
        at_s = number * LOOK_EVERY_S
        across, down, light = view(at_s)
        moved = np.array([[1, 0, across - spare_x], [0, 1, down - spare_y]], dtype=np.float32)
        seen = cv2.warpAffine(pixels, moved, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
        x, y = rng.integers(WIDTH), rng.integers(HEIGHT)
        lit = seen * np.float32(light) + noise[y : y + HEIGHT, x : x + WIDTH]
        sent = through_jpeg(np.clip(lit, 0, 255).astype(np.uint8))
        yield frame_of(sent, at_s, captured_at=at_s)


def _raised(
    detector: Detector, site: Site, pixels: Pixels, view: Callable[[float], View]
) -> list[str]:
    found = raised_on(_frames(pixels, view), detector, site)
    return [
        f"{event.kind} at {event.at_s:.1f} s: {event.confidence:.2f}, {event.reason}"
        for event in found.events
    ]


def _table(shown: Sequence[Shown]) -> str:
    head = ("shown", "pictures", "false fire", "false smoke")
    return results_file.markdown(head, [_line(shown, way) for way in WAYS])


def _line(shown: Sequence[Shown], way: str) -> tuple[object, ...]:
    ours = [row for row in shown if row.way == way]

    def of_kind(kind: str) -> int:
        return sum(any(one.startswith(kind) for one in row.raised) for row in ours)

    return way, len(ours), of_kind("fire"), of_kind("smoke")


if __name__ == "__main__":
    raise SystemExit(main())
