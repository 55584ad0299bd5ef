"""`python -m benchmarks.detection.simulated_day TRUTH.csv …`: false alerts in 24 hours of a day.

Quiet clips of cameras' own scenes, drawn by chance, are each a fixed camera from 08:00 to 08:00
(`benchmarks.quiet_camera`): sun, clouds, gusts, rain, dusk in steps, a lit night, the change to
infra-red, headlights, dawn. Camera time is the only time. With `--pace 15`, the most, the day goes
by in 96 minutes: each ten minutes of it are one turn of their film of 40 s. Alerts are counted by
priority and part of the day, as the cameras told them. What a camera lived is kept: a run goes on.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.harness import results_file
from benchmarks.harness.default_site import default_site
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown
from benchmarks.quiet_camera import EACH_FOR_S, MINUTE_S, QuietCamera, told
from benchmarks.quiet_film import MINUTES, Weather
from benchmarks.quiet_hours import PRIORITIES, Lived, lived_camera, rate
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.tools.evaluation.evaluate import read_truth

HOURS = 24.0
SCENES = 12
DAY, CLOUD, GUST, RAIN, LOW_SUN, _ = MINUTES
DUSK, TWILIGHT, LIT, LIT_RAIN = (
    Weather(name="dusk", light=0.6, warm=6.0),
    Weather(name="twilight", light=0.4, warm=-6.0),
    Weather(name="lit night", light=0.3, warm=8.0, has_headlights=True),
    Weather(name="rainy night", light=0.3, warm=8.0, has_rain=True, has_headlights=True),
)
SWITCH, INFRARED, INFRARED_LIGHTS = (
    Weather(name="infra-red begins", light=0.5, is_infrared=True, begins_bright=True),
    Weather(name="infra-red", light=0.45, is_infrared=True),
    Weather(name="infra-red, headlights", light=0.45, is_infrared=True, has_headlights=True),
)
BACK = Weather(name="colour begins", light=0.4, begins_bright=True)
PARTS: tuple[tuple[str, tuple[Weather, ...]], ...] = (  # from 08:00, each weather for ten minutes
    ("day, clouds, gusts", (DAY, CLOUD, DAY, GUST, DAY, CLOUD) * 5),
    ("rain", (RAIN,) * 9),
    ("low sun, dusk", (LOW_SUN,) * 9 + (DUSK,) * 6 + (TWILIGHT,) * 3),
    ("lit night, headlights", (LIT, LIT, LIT_RAIN) * 8),
    ("infra-red night", (SWITCH, *(INFRARED, INFRARED, INFRARED_LIGHTS) * 13)),
    ("dawn, morning", (BACK, *(TWILIGHT,) * 3, *(DUSK,) * 5, *(LOW_SUN,) * 14)),
)
WEATHERS = tuple(weather for _, weathers in PARTS for weather in weathers)


def main(arguments: Sequence[str] | None = None) -> int:
    """Live through the day of each scene, count, write, print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.detection.simulated_day", description=__doc__
    )
    parser.add_argument("truth", type=Path, nargs="+")
    parser.add_argument("--scenes", type=int, default=SCENES)
    parser.add_argument("--pace", type=float, default=1.0, help="times as fast as a day")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no scene later")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"))
    asked = parser.parse_args(arguments)
    quiet = [
        (table.parent / truth.file, truth)
        for table in asked.truth
        for truth in read_truth(table)
        if truth.kind == "none" and truth.scene != "sky"
    ]
    site = default_site()
    settings = site.detector.model_copy(update={"device": "cpu"})
    detector = load_detector(settings, asked.cache / "models")
    ends_at = time.monotonic() + 60 * asked.minutes
    each_s = max(MINUTE_S, EACH_FOR_S / asked.pace)
    hours = HOURS * each_s / EACH_FOR_S
    lived: list[Lived] = []
    for path, truth in random.Random(asked.seed).sample(quiet, asked.scenes):  # noqa: S311
        if time.monotonic() >= ends_at:
            break
        lights = {"weathers": WEATHERS, "each_s": each_s}
        make = partial(QuietCamera, path, site, detector, asked.cache / "day", **lights)
        camera = lived_camera(path, hours, asked.cache / "lived_days", make)
        lived.append(Lived(truth=truth, camera=camera))
        kept = results_file.write("simulated_day", *result(lived, each_s))
        sys.stdout.write(f"{kept.with_suffix('.md').read_text(encoding='utf-8')}\n{kept}\n")
    return 0


def result(lived: Sequence[Lived], each_s: float) -> tuple[dict[str, Any], str]:
    """Return what is stored of the run, and its table."""
    alerts = {one.truth.file: told(one.camera.events) for one in lived}
    parts = [name for name, _ in PARTS]
    rows = [_row(f"`{file}`", alerts[file], each_s) for file in alerts]
    everything = [each for one in alerts.values() for each in one]
    rows.append(_row(f"**{len(lived)} scenes**", everything, each_s))
    count = Counter(priority for _, priority in everything)
    days = float(len(lived))
    rates = {"p1": rate(count[1], days), "all": rate(len(everything), days)}
    content = {
        "machine": machine(),
        "versions": versions(),
        "camera_hours_each": HOURS * each_s / EACH_FOR_S,
        "a_camera_day": rates,
        "per_clip": {
            file: [[round(at_s), one] for at_s, one in each] for file, each in alerts.items()
        },
        "decoded_share": {
            one.truth.file: round(one.camera.decoded / max(1, one.camera.packets), 3)
            for one in lived
        },
    }
    table = markdown(("P1/P2/P3", *parts, "the day"), rows)
    ends = " · ".join("{}: {} ({}–{})".format(name, *figures) for name, figures in rates.items())
    pace = f"24 hours in {HOURS * each_s / EACH_FOR_S:g} of camera time"
    return content, f"{pace}\n\n{table}\nA camera-day, with intervals at 95 %: {ends}\n"


def part_of(at_s: float, each_s: float) -> str:
    """The part of the day `at_s` seconds after 08:00, where ten minutes last `each_s`."""
    slot = int(at_s // each_s)
    for name, weathers in PARTS:
        if slot < len(weathers):
            return name
        slot -= len(weathers)
    raise ValueError(f"{at_s} s are more than a day")


def _row(name: str, alerts: Sequence[tuple[float, int]], each_s: float) -> tuple[str, ...]:
    by_part = {part: Counter[int]() for part, _ in PARTS}
    for at_s, priority in alerts:
        by_part[part_of(at_s, each_s)][priority] += 1
    total = sum(by_part.values(), Counter[int]())
    return name, *(
        "/".join(str(of[one]) for one in PRIORITIES) for of in (*by_part.values(), total)
    )


if __name__ == "__main__":
    raise SystemExit(main())
