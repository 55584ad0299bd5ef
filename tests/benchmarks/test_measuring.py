"""The measuring itself: what is counted, and how it is written. Nothing here is timed."""

import json
import os
import time
from pathlib import Path

import pytest

from benchmarks.cameras import _table
from benchmarks.clips import FPS, GOP_S, SECONDS, clip
from benchmarks.harness import results_file
from benchmarks.harness.process_cost import cpu_s, files, rss_mb, threads
from benchmarks.harness.results_file import markdown, quantile
from benchmarks.systems.job import Job
from benchmarks.watching import _looks
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.recorded_file import read_file


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [([1, 2, 3, 4], 0.5, 2), ([1, 2, 3, 4], 1.0, 4), ([3], 0.95, 3), (range(1, 101), 0.95, 95)],
)
def test_quantiles_are_values_that_were_measured(
    values: list[float], share: float, found: float
) -> None:
    assert quantile(values, share) == found


def test_intervals_are_those_that_ended_while_it_was_measured() -> None:
    looks = {"a": [8.0, 9.0, 11.0, 13.0], "b": [9.5, 12.0]}
    found = _looks(looks, 10.0, 14.0, cameras=2)
    assert sorted(found["intervals_s"]) == [2.0, 2.0, 2.5]
    assert found["looks"] == 3


def test_a_camera_that_is_not_looked_at_counts_with_all_the_time_that_it_waits() -> None:
    silent = _looks({"a": [8.0, 11.0], "b": [5.0]}, 10.0, 20.0, cameras=3)
    assert sorted(silent["intervals_s"]) == [3.0, 9.0, 10.0, 15.0]


def test_a_job_survives_the_command_line() -> None:
    job = Job(urls=("rtsp://a", "rtsp://b"), look_interval_s=0.5, deadline_s=5, fps=15, cache="x")
    assert Job.read(job.line()) == job


def test_a_process_costs_something() -> None:
    assert cpu_s(os.getpid()) > 0
    assert rss_mb(os.getpid()) > 10
    assert files(os.getpid()) >= 3
    for _ in range(1000):  # threads of tests before may end between two counts
        if threads(os.getpid()) == len(os.listdir("/proc/self/task")):
            return
        time.sleep(0.01)
    pytest.fail("the threads are counted otherwise than by the system")


def test_results_are_json_and_a_table(tmp_path: Path) -> None:
    path = results_file.write("x", {"rows": [1]}, markdown(["a", "b"], [[1, 2]]), folder=tmp_path)
    assert json.loads(path.read_text()) == {"rows": [1]}
    assert (tmp_path / "x.md").read_text() == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"


def test_the_table_compares_with_ours_on_the_same_clip() -> None:
    gap = {"p50": 0.5, "p95": 0.6, "max": 0.7}
    shared = {
        "clip": "c", "scene": "quiet", "height": 1080, "codec": "h264", "source": "made",
        "cameras": 2, "looks_per_camera_s": 2.0, "look_interval_s": gap, "rss_mb_per_camera": 9,
        "threads": 3, "files": 5,
    }  # fmt: skip
    rows = [
        {**shared, "system": "ours", "cpu_s_per_camera_s": 0.01},
        {**shared, "system": "cv2", "cpu_s_per_camera_s": 0.09},
    ]
    assert "| cv2 | 0.0900 | 9.0 |" in _table(rows)


def test_a_made_clip_is_as_a_camera_sends_it(tmp_path: Path) -> None:
    made = clip("quiet", "h264", 180, videos=None, cache=tmp_path)
    packets = [one for one in read_file(made.path, "gate") if isinstance(one, Packet)]
    assert (made.source, made.width, made.height) == ("made", 320, 180)
    assert len(packets) == SECONDS * FPS
    keys = [packet.at_s for packet in packets if packet.is_keyframe]
    assert keys == pytest.approx([GOP_S * number for number in range(len(keys))], abs=0.001)
    assert not packets[0].stream.has_b_frames
