"""Records simulated cameras, kills the recorder, fills its disk, and looks for every packet.

    python -m benchmarks.recording --cameras 16 --seconds 120
    python -m benchmarks.recording --seconds 2400 --kills 12 --disk /mnt/x --name recording_long

Without `--disk` the full disk is a made figure; with it, recordings are put on that disk, and a
file really fills it, three times, to the last byte. Writes `results/NAME.json`: what recording
costs, how many packets were given and stored, the gaps, how many packets are missing outside a
named gap (0), and how soon playback starts.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.stream import VideoStream

from benchmarks.harness import results_file
from benchmarks.harness.child import child, last_line, lines_until
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.process_cost import cpu_s
from benchmarks.recording.full_disk import filled
from benchmarks.recording.recorder_child import slices_hash
from tests.ingest.recording.recorded import samples_of, units_of
from tests.running_simulator import running_simulator
from thapcanh.ingest.packets.annex_b import nal_units
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.recording.boxes import TICKS_PER_S, read_summary
from thapcanh.ingest.recording.index import RecordingIndex
from thapcanh.ingest.recording.retention import RecordingHold, write_hold
from thapcanh.ingest.recording.timeline import RecordingSegment, gaps_between
from thapcanh.ingest.sources.recorded_file import read_file

FPS, GOP_S, CLIP_S = 25, 2, 20
MBIT_S = 2.0
_HOLD = RecordingHold(
    hold_id="all", camera_id=None, from_s=0.0, to_s=1e11, reason="benchmark", by="", at_s=0.0
)
NEAR_S = 0.15
"""A camera's time may be corrected by so much within a segment."""


def main() -> int:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--disk", type=Path, help="a small disk of its own, to be filled")
    parser.add_argument("--name", default="recording", help="of the results' files")
    asked = parser.parse_args()
    before = machine()
    with tempfile.TemporaryDirectory(prefix="recording-") as name:
        folder = Path(name)
        clip = made_clip(folder / "clip.mp4")
        found = measured(folder, clip, asked)
    told = {key: value for key, value in vars(asked).items() if key not in ("disk", "name")}
    told["real_disk"] = asked.disk is not None
    content = {"machine": before, "versions": versions(), "asked": told, **found}
    path = results_file.write(asked.name, content, _table(content))
    print(path)  # noqa: T201 this is a command
    return 1 if found["packets_missing_outside_gaps"] or found["packets_not_of_the_source"] else 0


def made_clip(path: Path) -> Path:
    """A noisy picture at a camera's usual bitrate."""
    chance = np.random.default_rng(3)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        if not isinstance(stream, VideoStream):
            raise TypeError("libx264 is not a video encoder")
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        stream.codec_context.bit_rate = int(MBIT_S * 1e6)
        stream.codec_context.gop_size = FPS * GOP_S
        stream.codec_context.max_b_frames = 0
        for number in range(CLIP_S * FPS):
            planes = chance.integers(90, 150, (540, 640), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def measured(folder: Path, clip: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Everything of the results that is measured."""
    cameras, seconds, kills = asked.cameras, asked.seconds, asked.kills
    received, recordings = folder / "received", (asked.disk or folder) / "recordings"
    received.mkdir()
    names = [f"cam-{number:02}" for number in range(cameras)]
    with running_simulator([f"{name}={clip}" for name in names], cache_dir=folder) as simulator:
        urls = [simulator.url(name) for name in names]
        write_hold(recordings, _HOLD)  # or the full disk would be answered by deleting
        with filled(asked.disk, seconds) if asked.disk else nullcontext():
            for _ in range(kills):
                killed_after(seconds / (4 * kills), recordings, received, urls, asked.disk)
            report = undisturbed(seconds, recordings, received, urls, asked.disk)
    source = {
        slices_hash(list(nal_units(bytes(one.encoded))))
        for path in folder.glob("*.mp4")
        for one in read_file(path, "a")
        if isinstance(one, Packet)
    }
    kept = [of_camera(recordings, received / f"{name}.txt", name, source) for name in names]
    sums = Counter[str]()
    for one in kept:
        sums.update(one)
    cost = report["cpu_s"] + report["offer_s"]
    size = sum(path.stat().st_size for path in recordings.rglob("*.mp4"))
    return {
        "cpu_s_per_camera_s": round(cost / (cameras * report["seconds"]), 6),
        "process_cpu_s_per_camera_s": round(report["process_cpu_s"] / cameras / seconds, 6),
        "mbit_s_per_camera": round(size * 8e-6 / cameras / (seconds * 1.25), 2),
        "packets_in": sums["in"],
        "packets_stored": sums["stored"],
        "packets_in_named_gaps": sums["in_gaps"],
        "packets_missing_outside_gaps": sums["missing"],
        "packets_not_of_the_source": sums["foreign"],
        "gaps": {key[4:]: count for key, count in sorted(sums.items()) if key.startswith("gap:")},
        "playback_start_s": playback_start_s(recordings, names),
        "stopped_in_time": report["stopped"],
    }


def killed_after(
    seconds: float, recordings: Path, received: Path, urls: list[str], disk: Path | None
) -> None:
    """A recorder that is killed while it writes."""
    with child(_arguments(recordings, received, urls, *_disk(disk))) as running:
        list(lines_until(running, "ready"))
        time.sleep(seconds)
        running.kill()
        running.wait()


def undisturbed(
    seconds: float, recordings: Path, received: Path, urls: list[str], disk: Path | None
) -> dict[str, Any]:
    """A recorder whose disk is full for a while, and what it cost."""
    full = _disk(disk) or ["--full-after", str(seconds / 2), "--full-for", "10"]
    with child(_arguments(recordings, received, urls, *full)) as running:
        list(lines_until(running, "ready"))
        before = cpu_s(running.pid)
        time.sleep(seconds)
        spent = cpu_s(running.pid) - before
        report: dict[str, Any] = last_line(running)
    return {**report, "process_cpu_s": spent}


def of_camera(recordings: Path, received: Path, name: str, source: set[str]) -> Counter[str]:
    """Where each packet that the camera gave is: in a segment, in a named gap, or nowhere."""
    index = RecordingIndex(recordings, read_only=True)
    segments, known = index.segments(name, 0.0, 1e11), index.gaps(name, 0.0, 1e11)
    lines = [line.split() for line in received.read_text(encoding="utf-8").splitlines()]
    given = [(float(at), told) for at, told, _ in lines]
    gaps = gaps_between(segments, known, index.span(name), given[0][0], given[-1][0] + 1.0)
    index.close()
    stored: dict[str, list[float]] = defaultdict(list)
    for segment in segments:
        for at_s, told in _stored(recordings, segment):
            stored[told].append(at_s)
    counts = Counter({f"gap:{gap.reason}": 0 for gap in gaps})
    counts.update(f"gap:{gap.reason}" for gap in gaps)
    counts["in"] = len(given)
    counts["stored"] = sum(map(len, stored.values()))
    counts["foreign"] = sum(told not in source for _, told in given)
    for at_s, told in given:
        if any(abs(at_s - one) < NEAR_S for one in stored[told]):
            continue
        in_gap = any(
            gap.from_s - NEAR_S <= at_s <= (gap.to_s or at_s) + NEAR_S and gap.reason != "unknown"
            for gap in gaps
        )
        counts["in_gaps" if in_gap else "missing"] += 1
    return counts


def _stored(recordings: Path, segment: RecordingSegment) -> list[tuple[float, str]]:
    path = recordings / segment.path
    summary = read_summary(path)
    if summary is None:
        return []
    times = []
    for fragment in summary.fragments:
        dts = fragment.dts
        for duration, _, _, offset in fragment.samples:
            times.append(dts + offset)
            dts += duration
    hashes = [slices_hash(list(units_of(sample))) for sample in samples_of(path)]
    return [
        (segment.from_s + (pts - times[0]) / TICKS_PER_S, told)
        for pts, told in zip(times, hashes, strict=True)
    ]


def playback_start_s(recordings: Path, names: list[str]) -> dict[str, float]:
    """From asking for a minute to its first picture, by the index and the file."""
    taken = []
    for name in names:
        began = time.perf_counter()
        index = RecordingIndex(recordings, read_only=True)
        last = index.last_end(name) or 0.0
        segment = index.segments(name, last - 60.0, last)[0]
        index.close()
        with open_container(str(recordings / segment.path)) as container:
            next(container.decode(video=0))
        taken.append(time.perf_counter() - began)
    return {"median": round(results_file.quantile(taken, 0.5), 4), "max": round(max(taken), 4)}


def _disk(disk: Path | None) -> list[str]:
    return ["--real-disk"] if disk else []


def _arguments(recordings: Path, received: Path, urls: list[str], *more: str) -> list[str]:
    return ["benchmarks.recording.recorder_child", *more, str(recordings), str(received), *urls]


def _table(content: dict[str, Any]) -> str:
    rows = [
        (key, value)
        for key, value in content.items()
        if key not in ("machine", "versions", "asked")
    ]
    return results_file.markdown(("figure", "value"), rows)


if __name__ == "__main__":
    sys.exit(main())
