"""`python -m benchmarks.quiet_hours TRUTH.csv …`: false alerts of quiet cameras over hours.

Every clip without fire or smoke becomes a fixed camera for hours (`benchmarks.quiet_camera`), in
an order that chance decides, until all are done or the minutes given are over: what was run is then
a sample by chance, and the result says how large. What a camera lived is kept (`--cache`): a run
which is ended goes on. Alerts are counted by priority, the first hour apart, as the cameras told
them and as the centre made them: folded by episode and weather. Rates have intervals at 95 %.
"""

import argparse
import hashlib
import math
import pickle
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.harness import results_file
from benchmarks.harness.default_site import default_site
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown
from benchmarks.quiet_camera import BEGAN, LivedCamera, QuietCamera, told
from thapcanh.alerts.alert.records import AlertFilter, CameraFacts
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.detection.confirmation.witness import CARD, FOLDER
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.detectors.model_card import SHIPPED
from thapcanh.tools.evaluation.evaluate import Truth, read_truth

PRIORITIES = (1, 2, 3)
WORST = 10
APART_DEG = 0.012  # the cameras of one city lie more than a kilometre from each other
FIRST_S = 3600.0
REACH = {"camera": (1.0, 5.0), "sky": (3.0, 20.0)}  # a day: P1, all


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """A clip and what its camera told."""

    truth: Truth
    camera: LivedCamera


def main(arguments: Sequence[str] | None = None) -> int:
    """Live through the clips, count, write, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quiet_hours", description=__doc__)
    parser.add_argument("truth", type=Path, nargs="+")
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no clip later")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"))
    parser.add_argument("--name", default="quiet_hours")
    asked = parser.parse_args(arguments)
    quiet = [
        (table.parent / truth.file, truth)
        for table in asked.truth
        for truth in read_truth(table)
        if truth.kind == "none"
    ]
    random.Random(asked.seed).shuffle(quiet)  # noqa: S311 - which clips come first
    lived: list[Lived] = []
    for one in _live(quiet, asked):  # written after each: a run that is ended early is not lost
        lived.append(one)
        content, table = _result(lived, of=len(quiet), hours=asked.hours)
        path = results_file.write(asked.name, content, table)
        sys.stdout.write(f"{table}\n{path}\n")
    return 0


def _live(quiet: Sequence[tuple[Path, Truth]], asked: argparse.Namespace) -> Iterator[Lived]:
    site = default_site()
    settings = site.detector.model_copy(update={"device": "cpu"})
    detector = load_detector(settings, asked.cache / "models")
    ends_at = time.monotonic() + 60 * asked.minutes
    for number, (path, truth) in enumerate(quiet, start=1):
        if time.monotonic() >= ends_at:
            break
        make = partial(QuietCamera, path, site, detector, asked.cache / "quiet")
        camera = lived_camera(path, asked.hours, asked.cache / "lived", make)
        counts = Counter(priority for _, priority in told(camera.events))
        shown = " ".join(f"P{one} {counts[one]}" for one in PRIORITIES)
        sys.stderr.write(f"{number}: {truth.file} ({_scene(truth)}): {shown}\n")
        yield Lived(truth=truth, camera=camera)


def lived_camera(
    path: Path, hours: float, kept: Path, camera: Callable[[], QuietCamera]
) -> LivedCamera:
    """What a camera told in its hours, from a run before with the same clip and weights."""
    kept.mkdir(parents=True, exist_ok=True)
    of = hashlib.sha256(path.read_bytes())
    for card in (SHIPPED / "watch8n.json", FOLDER / CARD):
        of.update(card.read_bytes())
    file = kept / f"{of.hexdigest()[:32]}-{hours:g}.pickle"
    if file.exists():
        kept_camera: LivedCamera = pickle.loads(file.read_bytes())  # noqa: S301 - written below
        return kept_camera
    lived = camera().live(hours)
    draft = file.with_suffix(".new")
    draft.write_bytes(pickle.dumps(lived))
    draft.replace(file)
    return lived


def _scene(truth: Truth) -> str:
    return truth.scene or "camera"


def _result(lived: Sequence[Lived], *, of: int, hours: float) -> tuple[dict[str, Any], str]:
    by_centre = _centre_alerts(lived)
    rows: list[dict[str, Any]] = []
    for scene in sorted({_scene(one.truth) for one in lived}):
        here = [one for one in lived if _scene(one.truth) == scene]
        told_here = [each for one in here for each in told(one.camera.events)]
        centre = [each for one in here for each in by_centre.get(one.truth.file, ())]
        for source, alerts in (("cameras", told_here), ("centre", centre)):
            rows.append(row(scene, source, alerts, len(here), hours))
    content = {
        "machine": machine(),
        "versions": versions(),
        "clips": len(lived),
        "clips_of_the_tables": of,
        "hours_each": hours,
        "reach": REACH,
        "rows": rows,
        "per_clip": {one.truth.file: _clip(one) for one in lived},
    }
    head = ("scene", "as told by", "clips", "first hour P1/P2/P3", "after P1/P2/P3",
            "P1 a camera-day", "all a camera-day")  # fmt: skip
    table = markdown(head, [_line(one) for one in rows])
    worst = sorted(lived, key=lambda one: -len(told(one.camera.events)))[:WORST]
    lines = "\n".join(
        f"* {one.truth.file} ({_scene(one.truth)}): {len(told(one.camera.events))}"
        for one in worst
        if told(one.camera.events)
    )
    head_line = f"{len(lived)} of {of} quiet clips, {hours:g} h each"
    return content, f"{head_line}\n\n{table}\n\nMost alerts:\n\n{lines}"


def row(
    scene: str, source: str, alerts: Sequence[tuple[float, int]], clips: int, hours: float
) -> dict[str, Any]:
    """The counts of one scene from `alerts` (seconds lived, priority), and what they are a day."""
    first = Counter(priority for at_s, priority in alerts if at_s < FIRST_S)
    after = Counter(priority for at_s, priority in alerts if at_s >= FIRST_S)
    days = clips * hours / 24.0
    return {
        "scene": scene,
        "source": source,
        "clips": clips,
        "first_hour": {f"p{one}": first[one] for one in PRIORITIES},
        "after": {f"p{one}": after[one] for one in PRIORITIES},
        "p1_a_camera_day": rate(first[1] + after[1], days),
        "all_a_camera_day": rate(first.total() + after.total(), days),
    }


def rate(count: int, days: float) -> tuple[float, float, float]:
    """A count a day and its interval at 95 % (Byar's approximation of Poisson's)."""
    spread = 1.96 / 3
    low = 0.0
    if count:
        low = count * (1 - 1 / (9 * count) - spread / math.sqrt(count)) ** 3
    more = count + 1
    high = more * (1 - 1 / (9 * more) + spread / math.sqrt(more)) ** 3
    return round(count / days, 2), round(low / days, 2), round(high / days, 2)


def _line(of: dict[str, Any]) -> tuple[object, ...]:
    first, after = ("/".join(map(str, of[part].values())) for part in ("first_hour", "after"))
    figures = tuple(
        "{} ({}–{})".format(*of[name]) for name in ("p1_a_camera_day", "all_a_camera_day")
    )
    return of["scene"], of["source"], of["clips"], first, after, *figures


def _clip(one: Lived) -> dict[str, Any]:
    camera = one.camera
    return {
        "scene": _scene(one.truth),
        "told": [[round(at_s), priority] for at_s, priority in told(camera.events)],
        "decoded_share": round(camera.decoded / max(1, camera.packets), 3),
        "looks": camera.looks,
    }


def _centre_alerts(lived: Sequence[Lived]) -> dict[str, list[tuple[float, int]]]:
    """What the archive made of all events in their order, by file; nobody answers there."""
    facts = {
        f"quiet-{number}": CameraFacts(
            name=one.truth.file,
            lat=21.0 + APART_DEG * (number % 12),
            lon=105.8 + APART_DEG * (number // 12),
            watched_near=min(len(lived), 20),
        )
        for number, one in enumerate(lived)
    }
    messages = sorted(_messages(lived), key=lambda one: one.event.captured_at)
    found: dict[str, list[tuple[float, int]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(sqlite_url(Path(folder) / "archive.sqlite"))
        for start in range(0, len(messages), 200):
            batch = messages[start : start + 200]
            now = batch[-1].event.captured_at
            pairs = [(one, one.event.captured_at) for one in batch]
            archive.take_in_all(pairs, now=now, camera=facts.get)
        cursor: str | None = None
        while True:
            page = archive.alerts(AlertFilter(limit=200, cursor=cursor))
            for alert in page.items:
                at_s = alert.raised_at - BEGAN
                found.setdefault(alert.camera_name, []).append((at_s, alert.priority))
            cursor = page.next
            if cursor is None:
                break
        archive.close()
    return found


def _messages(lived: Sequence[Lived]) -> list[Message]:
    """Every camera's events as its own worker would send them."""
    return [
        Message(
            event=replace(event, camera_id=f"quiet-{number}"),
            source=f"quiet-{number}",
            producer_epoch=1,
            producer_seq=seq,
            spooled_at=event.captured_at,
        )
        for number, one in enumerate(lived)
        for seq, event in enumerate(one.camera.events, start=1)
    ]


if __name__ == "__main__":
    raise SystemExit(main())
