"""`python -m benchmarks.cameras`: what watching costs, ours beside others on the same streams.

Every system watches the same RTSP streams of the same clips, one after the other, each in a process
of its own; with `--repeat` they take turns, and a number is the median of its turns. Writes
`results/cameras.json` and a table; for several numbers of cameras a plot too. `--largest` looks for
the most cameras that ours holds with every one seen within the deadline; `--recorded` plays the
longest quiet clips of truth tables, all of them at once.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import clips
from benchmarks.clips import Clip
from benchmarks.decoding.recorded import longest
from benchmarks.harness import results_file
from benchmarks.harness.child import ChildFailed
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.plot import write_plot
from benchmarks.harness.results_file import markdown, quantile
from benchmarks.watching import SYSTEMS, Settings, Watched, street, watch

LEARNS_S = 16.0  # packet sizes are learned in 10 s, and the camera sleeps 5 s later
SETTLES_S = 4.0
BUSY_LOOK_INTERVAL_S = 0.2
LEAST_LOOKS = 1 / 4.0
RECORDED_CLIPS = 12


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, print."""
    asked = _parser().parse_args(arguments)
    counts = [int(count) for count in asked.cameras.split(",")]
    settings = Settings(
        cameras=counts[0],
        seconds=asked.seconds,
        settle_s=asked.settle,
        look_interval_s=asked.look_interval,
        deadline_s=asked.deadline,
        cache=asked.cache,
        processes=asked.processes,
    )
    asked.cache.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {"machine": machine(), "versions": versions(), "rows": []}
    if asked.largest:
        content["largest"] = _largest(_streets(asked)[0], settings, content["rows"])
    else:
        for films in _streets(asked):
            for count in counts:
                of_count = replace(settings, cameras=count)
                systems = asked.systems.split(",") * asked.repeat
                _compare(films, systems, of_count, content["rows"])
    for earlier in asked.before or ():
        rows = json.loads(earlier.read_text("utf-8"))["rows"]
        content["rows"] += [{**row, "system": f"{row['system']} before"} for row in rows]
    table = _table(content["rows"])
    name = "cameras_largest" if asked.largest else "cameras"
    path = results_file.write(asked.name or name, content, table)
    if len(counts) > 1:
        _plot(content["rows"], path.with_suffix(".svg"))
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cameras", description=__doc__)
    parser.add_argument("--clip", type=Path, help="play this file instead of the scenes")
    parser.add_argument("--recorded", type=Path, nargs="+", help="truth tables of recorded clips")
    parser.add_argument("--before", type=Path, nargs="+", help="earlier results, shown beside")
    parser.add_argument("--processes", type=int, default=1, help="among which cameras are dealt")
    parser.add_argument("--settle", type=float, default=LEARNS_S, help="seconds that ours learns")
    parser.add_argument("--videos", type=Path, help="folder of recorded videos to make scenes of")
    parser.add_argument("--scenes", default=",".join(clips.SCENES))
    parser.add_argument("--codecs", default="h264")
    parser.add_argument("--heights", default="1080")
    parser.add_argument("--cameras", default="4", help="how many, or several numbers: 1,4,16")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--repeat", type=int, default=1, help="turns that each system takes")
    parser.add_argument("--look-interval", type=float, default=0.5)
    parser.add_argument("--deadline", type=float, default=5.0, help="of a quiet camera's next look")
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    parser.add_argument("--largest", action="store_true", help="how many cameras ours holds")
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"))
    parser.add_argument("--name", help="of the results' files")
    return parser


def _streets(asked: argparse.Namespace) -> list[list[Clip]]:
    """What plays at once, one after the other."""
    if asked.clip:
        return [[clips.given_clip(asked.clip, asked.scenes.split(",")[0])]]
    if asked.recorded:
        found = longest(asked.recorded, RECORDED_CLIPS)
        return [
            [
                clips.recorded_clip(
                    table.parent / truth.file, "h264", int(height), cache=asked.cache
                )
                for table, truth in found
            ]
            for height in asked.heights.split(",")
        ]
    return [
        [clips.clip(scene, codec, int(height), videos=asked.videos, cache=asked.cache)]
        for height in asked.heights.split(",")
        for codec in asked.codecs.split(",")
        for scene in asked.scenes.split(",")
    ]


def _compare(
    films: Sequence[Clip], systems: Sequence[str], settings: Settings, rows: list[Any]
) -> None:
    """All systems on the same clips.

    The floors look as often as ours did, if ours was asked for: the second one also at as many
    parts of pictures, and it decodes every picture.

    A system that stands in the list several times has as many turns.

    """
    if films[0].scene == "busy":
        settings = replace(settings, look_interval_s=BUSY_LOOK_INTERVAL_S)
    floor_looks = {"floor": LEAST_LOOKS, "floor_awake": LEAST_LOOKS}
    turns: dict[str, list[Watched]] = {}
    with street(films, settings.cameras) as urls:
        for system in systems:
            looks = floor_looks.get(system, LEAST_LOOKS)
            watched = _watch(system, urls, settings, looks)
            if watched is None:
                continue
            if system == "ours":
                camera_s = watched.seconds * settings.cameras
                floor_looks = {
                    "floor": watched.looks / camera_s,
                    "floor_awake": watched.inferences / camera_s,
                }
            turns.setdefault(system, []).append(watched)
    rows += [_row(films, system, settings, watched) for system, watched in turns.items()]


def _watch(
    system: str, urls: Sequence[str], settings: Settings, floor_looks: float
) -> Watched | None:
    if system != "ours":
        settings = replace(settings, settle_s=SETTLES_S, processes=1)
    try:
        watched = watch(system, urls, settings, floor_looks)
    except ChildFailed as failed:
        sys.stderr.write(f"{system}: {failed}\n")
        return None
    cost = watched.cpu_s / watched.seconds / settings.cameras
    sys.stderr.write(
        f"{system}, {settings.cameras} cameras: {cost:.4f} CPU-s per camera-s, looks "
        f"p50 {quantile(watched.intervals_s, 0.5):.2f} max {max(watched.intervals_s):.2f} s, "
        f"{watched.inferences} inferences, {watched.events} events {_decoding(watched) or ''}\n"
    )
    return watched


def _largest(films: Sequence[Clip], settings: Settings, rows: list[Any]) -> dict[str, Any]:
    """Doubles, then halves the distance, until the promise's edge is known to a tenth."""
    holds, fails, count = 0, 0, settings.cameras
    while True:
        asked = replace(settings, cameras=count)
        with street(films, count) as urls:
            watched = _watch("ours", urls, asked, LEAST_LOOKS)
        kept = watched is not None and max(watched.intervals_s) <= settings.deadline_s
        if watched is not None:
            rows.append(_row(films, "ours", asked, [watched]))
        holds, fails = (count, fails) if kept else (holds, count)
        if fails and fails - holds <= max(1, holds // 10):
            return {"cameras": holds, "fails_at": fails, "deadline_s": settings.deadline_s}
        count = (holds + fails) // 2 if fails else holds * 2


def _row(
    films: Sequence[Clip], system: str, settings: Settings, turns: Sequence[Watched]
) -> dict[str, Any]:
    clip = films[0]
    intervals = [interval for turn in turns for interval in turn.intervals_s]
    costs = [turn.cpu_s / turn.seconds / settings.cameras for turn in turns]
    seconds = sum(turn.seconds for turn in turns)
    rss_mb = median(turn.rss_mb for turn in turns)
    return {
        "clip": clip.path.stem if len(films) == 1 else f"{len(films)} clips",
        "source": clip.source if len(films) == 1 else f"{len(films)} clips at once",
        "codec": clip.codec,
        "width": clip.width,
        "height": clip.height,
        "fps": clips.FPS,
        "scene": clip.scene,
        "cameras": settings.cameras,
        "processes": settings.processes,
        "system": system,
        "seconds": round(seconds, 2),
        "cpu_s_per_camera_s": round(median(costs), 5),
        "cpu_s_per_camera_s_turns": [round(cost, 5) for cost in costs],
        "looks_per_camera_s": round(
            sum(turn.looks for turn in turns) / seconds / settings.cameras, 3
        ),
        "inferences_per_camera_s": round(
            sum(turn.inferences for turn in turns) / seconds / settings.cameras, 3
        ),
        "look_interval_s": {
            "p50": round(quantile(intervals, 0.5), 3),
            "p95": round(quantile(intervals, 0.95), 3),
            "max": round(max(intervals), 3),
        },
        "rss_mb_per_camera": round(rss_mb / settings.cameras, 1),
        "rss_mb": round(rss_mb, 1),
        "threads": turns[-1].threads,
        "files": turns[-1].files,
        "events": sum(turn.events for turn in turns),
        "decoding": _decoding(turns[-1]),
    }


def _decoding(watched: Watched) -> dict[str, int]:
    """Ours: how many cameras were in which mode at the end, and why."""
    modes = Counter(
        f"{camera['decoding']}: {camera['decoding_reason']}"
        for camera in watched.facts.get("cameras", ())
    )
    return dict(modes)


def _plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Cores over cameras: a straight line says that each camera costs the same."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        name = f"{row['system']}, {row['scene']} {row['height']}p {row['codec']}"
        cores = row["cpu_s_per_camera_s"] * row["cameras"]
        lines.setdefault(name, []).append((row["cameras"], cores))
    write_plot(path, lines, x="cameras", y="cores used")


def _table(rows: Sequence[dict[str, Any]]) -> str:
    head = (
        "clip", "cameras", "system", "CPU-s per camera-s", "times ours", "looks/s",
        "look interval p50 / p95 / max", "MB per camera", "threads", "files",
    )  # fmt: skip
    ours = {
        (row["clip"], row["cameras"]): row["cpu_s_per_camera_s"]
        for row in rows
        if row["system"] == "ours"
    }
    lines = []
    for row in rows:
        base = ours.get((row["clip"], row["cameras"]))
        cost, gap = row["cpu_s_per_camera_s"], row["look_interval_s"]
        lines.append(
            (
                f"{row['scene']} {row['height']}p {row['codec']} ({row['source']})",
                row["cameras"],
                row["system"],
                f"{cost:.4f}",
                f"{cost / base:.1f}" if base else "",
                row["looks_per_camera_s"],
                f"{gap['p50']:.2f} / {gap['p95']:.2f} / {gap['max']:.2f} s",
                row["rss_mb_per_camera"],
                row["threads"],
                row["files"],
            )
        )
    return markdown(head, lines)


if __name__ == "__main__":
    raise SystemExit(main())
