"""Which cameras a worker records, that their packets arrive, and that trouble with it is told."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.worker.test_health_checks import camera, run, told_at, working
from tests.detection.detectors.fake_detector import FakeDetector
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.app.worker.camera_share import WorkerShare
from thapcanh.app.worker.health_checks import WorkerCondition
from thapcanh.app.worker.recording import recorder_of
from thapcanh.app.worker.watched_cameras import WatchedCameras
from thapcanh.config.camera import CameraConfig
from thapcanh.config.difference import difference
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import InferenceConfig, Site, SiteFacts
from thapcanh.config.storage import RecordingConfig
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.recording import packet_recorder

MakeFilm = Callable[..., Path]
WaitFor = Callable[..., None]


def site(folder: Path, film: Path, *, second: bool) -> Site:
    cameras = tuple(
        CameraConfig(id=name, name=name, source=SecretUrl(str(film)), record=record)
        for name, record in (("a", None), ("b", second), ("c", None))
    )
    wanted = RecordingConfig(dir=folder, cameras=("a",), min_free_gb=0.0)
    facts = SiteFacts(data_dir=folder.with_name("data"))
    return Site(site=facts, cameras=cameras, recording=wanted)


def test_a_camera_is_recorded_as_it_or_the_site_says() -> None:
    one = CameraConfig(id="a", name="a", source=SecretUrl("rtsp://10.0.0.1/"))
    assert not RecordingConfig().has(one)
    assert RecordingConfig(cameras="*").has(one)
    assert not RecordingConfig(cameras=("b",)).has(one)
    assert RecordingConfig().has(one.model_copy(update={"record": True}))
    assert not RecordingConfig(cameras="*").has(one.model_copy(update={"record": False}))


def test_a_worker_records_its_cameras_and_follows_a_change(
    tmp_path: Path, film: MakeFilm, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packet_recorder, "TICK_S", 0.02)
    clip = film("recorded.mp4", codec="libx264", frames=90)
    folder = tmp_path / "recordings"
    before, after = (site(folder, clip, second=second) for second in (False, True))
    recorder = recorder_of(before, {})
    loop = InferenceLoop(FakeDetector(lambda _: []), InferenceConfig(), lambda *_: None)
    cameras = WatchedCameras(
        WorkerShare(index=0, of=1), loop, FakeDetector(lambda _: []).model, str, SystemClock(),
        recorder=recorder,
    )  # fmt: skip
    cameras.start(before)
    try:
        wait_for(lambda: recorder.figures()["packets_stored"] > 15, 10.0)
        cameras.apply(after, difference(before, after))
        wait_for((folder / "cameras" / "b").exists, 10.0)
    finally:
        cameras.stop()
        assert recorder.stop()
    assert sorted(one.name for one in (folder / "cameras").iterdir()) == ["a", "b"]
    assert site_paths_of(before).remembered_recordings(folder).read_text()
    figures = recorder.figures()
    assert figures["cameras"] == 2
    assert figures["packets_in"] == figures["packets_stored"] + figures["packets_lost"]


def test_cameras_that_should_be_recorded_and_are_not_are_told() -> None:
    def report(now: float) -> WorkerCondition:
        trouble = {"missing": {"a": "disk_full", "b": "disk_full"}} if now < 1040 else {}
        return replace(working(now, camera("a", now), camera("b", now)), recording=trouble)

    events = run(report, 100)
    assert [(rule, str(phase), at) for rule, _, phase, at in told_at(events)] == [
        ("recording_gap", "raised", 4.0), ("recording_gap", "cleared", 70.0),
    ]  # fmt: skip
    assert events[0].reason == "2 cameras are not recorded: disk_full (a, b)"


def test_a_missing_disk_is_told_with_its_folder_and_a_hung_one_before_packets_are_lost() -> None:
    def report(now: float) -> WorkerCondition:
        gone: dict[str, object] = {"missing": {"a": "disk_missing"}, "error": "no disk"}
        gone |= {"disk_missing": ["/film", "/id"]}
        hung: dict[str, object] = {"missing": {}, "error": None, "stalled_s": 11.0}
        told = gone if now < 1040 else {} if now < 1080 else hung
        return replace(working(now, camera("a", now)), recording=told)

    events = run(report, 100)
    assert [(str(one.phase), one.reason) for one in events] == [
        ("raised", "1 cameras are not recorded, no disk at /film, known by /id"),
        ("cleared", "recorded again"),
        ("raised", "film is not stored: the disk does not answer"),
    ]
