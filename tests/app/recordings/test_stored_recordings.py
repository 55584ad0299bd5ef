"""Film of other machines is told and shown from the store of all, under our own rights."""

import io
import json
import socket
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.alerts.evidence.s3_server import S3Server, s3_settings
from tests.app.recordings.test_masked_recordings import brightest, mask
from tests.app.recordings.test_recording_export import export
from tests.app.recordings.test_recordings import HERE, RECORDINGS, ask
from tests.app.web_api.centre import Centre, Desk
from tests.ingest.fake_source import synthetic_packets
from tests.ingest.recording.recorded import BEGAN_S, RecordedCamera, later, many
from thapcanh.alerts.evidence.stores.s3 import S3Objects
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.process.bounded_reader import BoundedReader
from thapcanh.app.recordings import recording_access
from thapcanh.config.storage import RecordingConfig
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.recording.store import objects, segment_keys
from thapcanh.ingest.recording.store.segment_keys import segment_key
from thapcanh.ingest.recording.store.shared_records import SharedRecords
from thapcanh.ingest.recording.store.uploader import SegmentUploader
from thapcanh.ingest.recording.timeline import GapReason, RecordingSegment

FILM = many(synthetic_packets(30), 13, 2.0)


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server.started() as started:
        yield started


class Machines:
    """Machines that record cam-1 and bring it to one bucket; the centre reads no disk of theirs."""

    def __init__(self, server: S3Server, folder: Path) -> None:
        self.server = server
        self.bucket = server.new_bucket()
        self.settings = server.settings(self.bucket)
        self.store = S3Objects(self.settings)
        self._folder = folder

    def machine(self, name: str) -> RecordedCamera:
        return RecordedCamera(self._folder / name, "cam-1")

    def bring(self, camera: RecordedCamera) -> None:
        assert camera.journal.flush() is None
        SegmentUploader(camera.folder, self.store, SystemClock(), mbit=10_000.0).turn()
        camera.journal.close()


@pytest.fixture
def machines(server: S3Server, centre: Centre, tmp_path: Path) -> Machines:
    made = Machines(server, tmp_path)
    show(centre, RecordingConfig(dir=tmp_path / "centre", store="s3", s3=made.settings))
    return made


def show(centre: Centre, recording: RecordingConfig) -> None:
    site = centre.site()
    facts = site.site.model_copy(update={"data_dir": centre.folder / "data"})
    centre.site.replace(site.model_copy(update={"site": facts, "recording": recording}))


@pytest.fixture
def elsewhere(machines: Machines) -> RecordedCamera:
    """A machine that is dead: 26 s, 14 s of gap, 4 s, and then it was stopped."""
    camera = machines.machine("node-a")
    camera.take(FILM)
    camera.take(later(FILM[:60], 40.0, is_new_stream=True))
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 44.0)
    machines.bring(camera)
    return camera


def own_segments(camera: RecordedCamera) -> list[RecordingSegment]:
    return camera.index().segments("cam-1", 0.0, 1e11)


def test_film_of_a_dead_machine_is_told_and_plays(
    desk_of: Callable[..., Desk], elsewhere: RecordedCamera
) -> None:
    desk = desk_of("an", Role.OPERATOR, HERE)
    told = ask(desk).json()
    assert [one["id"] / 1000 - BEGAN_S for one in told["segments"]] == [0.0, 10.0, 20.0, 40.0]
    assert [one["reason"] for one in told["gaps"]] == [
        "not_recorded", "camera_offline", "worker_stopped",
    ]  # fmt: skip
    lines = ask(desk, "/playlist.m3u8").text.splitlines()
    assert lines.count("#EXT-X-GAP") == 3
    names = [line for line in lines if line.startswith("segments/")]
    for name, own in zip(names, own_segments(elsewhere), strict=True):
        content = (elsewhere.folder / own.path).read_bytes()
        assert desk.get(f"{RECORDINGS}/cam-1/{name}").content == content
        part = desk.get(f"{RECORDINGS}/cam-1/{name}", headers={"Range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, content[100:200])
    still = desk.get(f"{RECORDINGS}/cam-1/still", params={"at": BEGAN_S + 15.0})
    assert still.headers["content-type"] == "image/jpeg"
    (seen,) = desk_of("lan", Role.LEADER).get("/api/v1/viewings").json()["items"]
    assert (seen["what"], seen["camera"]) == ("recording", "cam-1")


def test_a_camera_that_moved_is_one_timeline(
    desk_of: Callable[..., Desk], machines: Machines
) -> None:
    """Who gave it away says for ever that it is off there: film goes before that word."""
    first, second = machines.machine("node-a"), machines.machine("node-b")
    first.take(FILM)
    first.recording.end(GapReason.RECORDING_OFF, BEGAN_S + 26.0)
    second.take(later(FILM, 30.0))
    second.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 56.0)
    machines.bring(first)
    machines.bring(second)
    told = ask(desk_of("an", Role.OPERATOR, HERE), to=BEGAN_S + 90.0).json()
    assert [round(one["id"] / 1000 - BEGAN_S, 2) for one in told["segments"]] == [
        0.0, 10.0, 20.0, 30.0, 40.0, 50.0,
    ]  # fmt: skip
    assert [one["reason"] for one in told["gaps"]] == [
        "not_recorded", "recording_off", "worker_stopped",
    ]  # fmt: skip


def test_two_machines_at_once_show_each_moment_once(
    desk_of: Callable[..., Desk], machines: Machines
) -> None:
    first, second = machines.machine("node-a"), machines.machine("node-b")
    first.take(FILM)
    first.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 26.0)
    second.take(later(FILM, 5.0))
    second.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 31.0)
    machines.bring(first)
    machines.bring(second)
    told = ask(desk_of("an", Role.OPERATOR, HERE)).json()
    assert [round(one["id"] / 1000 - BEGAN_S, 2) for one in told["segments"]] == [
        0.0, 10.0, 20.0, 25.0,
    ]  # fmt: skip
    assert told["segments"][-1]["to"] == told["gaps"][-1]["from"]


def test_who_may_not_see_the_camera_is_told_nothing_of_its_film(
    desk_of: Callable[..., Desk], elsewhere: RecordedCamera
) -> None:
    other = desk_of("binh", Role.OPERATOR, DataFilter(areas=frozenset({"ba-dinh"})))
    segment = f"/segments/{round(BEGAN_S * 1000)}.mp4"
    for tail in ("", "/playlist.m3u8", segment, "/still"):
        assert ask(other, tail, at=BEGAN_S + 1.0).status_code == 404
    assert export(other, unblurred=False).status_code == 404


def test_masks_are_painted_on_film_from_the_store(
    desk_of: Callable[..., Desk], elsewhere: RecordedCamera, centre: Centre
) -> None:
    mask(centre)
    desk = desk_of("an", Role.OPERATOR, HERE)
    path = f"{RECORDINGS}/cam-1/segments/{round(BEGAN_S * 1000)}.mp4"
    assert brightest(desk.get(path, headers={"Range": "bytes=0-"}).content) == (150, 0)
    assert desk.get(f"{RECORDINGS}/cam-1/still", params={"at": BEGAN_S + 1.0}).status_code == 200


@pytest.mark.parametrize("unblurred", [True, False])
def test_film_from_the_store_leaves_sealed(
    desk_of: Callable[..., Desk], elsewhere: RecordedCamera, *, unblurred: bool
) -> None:
    role = Role.LEADER if unblurred else Role.OPERATOR
    begins = BEGAN_S + (0.0 if unblurred else 39.0)  # to blur costs the detector
    answer = export(desk_of("an", role, HERE), unblurred=unblurred, begins=begins)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as taken:
        names = {name.partition("/")[2] for name in taken.namelist()}
        (text,) = (taken.read(one) for one in taken.namelist() if one.endswith(".json"))
    manifest = json.loads(text)
    assert names == {"manifest.json", *(one["name"] for one in manifest["files"])}
    assert [one["is_the_cameras_own"] for one in manifest["files"]] == (
        [True, True] if unblurred else [False]
    )


def test_what_was_changed_in_the_store_is_never_shown(
    desk_of: Callable[..., Desk], elsewhere: RecordedCamera, machines: Machines
) -> None:
    first, second, third, _ = sorted(
        key for key in machines.server.keys(machines.bucket) if key.endswith(".mp4")
    )
    put = machines.server.client.put_object
    size = machines.server.client.head_object(Bucket=machines.bucket, Key=first)["ContentLength"]
    put(Bucket=machines.bucket, Key=first, Body=b"x" * size)  # other bytes
    put(Bucket=machines.bucket, Key=second, Body=b"x")  # another size
    machines.server.client.delete_object(Bucket=machines.bucket, Key=third)
    for junk in ("rác", "9" * 400, "2026-11-25/01/../../x.mp4", "state/open-0-x", "a" * 900):
        put(Bucket=machines.bucket, Key=f"site/a/cameras/cam-1/{junk}", Body=b"")
    desk = desk_of("an", Role.LEADER, HERE)
    told = ask(desk).json()
    assert [round(one["id"] / 1000 - BEGAN_S) for one in told["segments"]] == [0, 40]
    assert [one["reason"] for one in told["gaps"]][1:3] == ["unknown", "camera_offline"]
    answer = desk.get(f"{RECORDINGS}/cam-1/segments/{round(BEGAN_S * 1000)}.mp4")
    assert (answer.status_code, answer.json()["error"]) == (409, "recording_changed")
    assert machines.store.shown in answer.json()["detail"]
    refused = export(desk, unblurred=True)
    assert (refused.status_code, refused.json()["error"]) == (409, "recording_changed")


def test_a_listing_without_end_is_not_read_to_its_end(
    desk_of: Callable[..., Desk],
    elsewhere: RecordedCamera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(segment_keys, "MOST_LISTED", 3)
    desk = desk_of("an", Role.OPERATOR, HERE)
    assert ask(desk).json()["error"] == "recording_store_silent"
    assert ask(desk, to=BEGAN_S + 5.0).status_code == 200


def test_a_key_that_tells_of_another_camera_is_none(machines: Machines) -> None:
    camera = machines.machine("node-a")
    camera.take(FILM)
    (first, *_) = own_segments(camera)
    key = segment_key(replace(first, camera_id="cam-2"), "0" * 64)
    found = segment_keys.RecordingCatalogue(machines.store)
    machines.store.put(key, b"x" * first.size_bytes)
    assert found.stretch("cam-1", BEGAN_S, BEGAN_S + 60.0).segments == []
    assert found.segment_at("cam-1", round(BEGAN_S * 1000)) is None
    assert len(found.stretch("cam-2", BEGAN_S, BEGAN_S + 60.0).segments) == 1


def test_a_hold_is_placed_where_every_machine_reads_it(
    desk_of: Callable[..., Desk], machines: Machines
) -> None:
    desk, path = desk_of("binh", Role.LEADER), f"{RECORDINGS}/cam-1/holds"
    csrf = {"X-CSRF-Token": desk.csrf}
    letter = {"from": BEGAN_S, "to": BEGAN_S + 60.0, "reason": "CV 12/PC02"}
    placed = desk.post(path, json=letter, headers=csrf)
    assert placed.status_code == 201, placed.text
    (held,) = SharedRecords(machines.store).holds()
    assert (held.camera_id, held.from_s, held.by) == ("cam-1", BEGAN_S, "binh")
    assert desk.get(path).json()["items"] == [placed.json()]
    release = f"{path}/{held.hold_id}/release"
    assert desk.post(release, json={"reason": "xong"}, headers=csrf).status_code == 204
    assert SharedRecords(machines.store).holds() == []
    machines.store.put("holds/a.json", b"{")
    answer = desk.get(path)
    assert (answer.status_code, answer.json()["error"]) == (503, "recordings_unavailable")


@pytest.fixture
def hanging() -> Iterator[str]:
    """A store that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_store_that_hangs_is_named_and_holds_up_nothing_else(
    desk_of: Callable[..., Desk],
    centre: Centre,
    tmp_path: Path,
    hanging: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(objects, "HANGS_AFTER_S", 0.1)
    monkeypatch.setattr(recording_access, "_STORE_READER", BoundedReader(within_s=0.5))
    folder = tmp_path / "centre"
    own = RecordedCamera(folder, "cam-1")
    own.take(FILM)
    assert own.journal.flush() is None
    own.journal.close()
    show(centre, RecordingConfig(dir=folder, store="s3", s3=s3_settings(hanging, "film")))
    desk = desk_of("an", Role.OPERATOR, HERE)
    for _ in range(2):  # the second is not even asked
        answer = ask(desk)
        assert (answer.status_code, answer.json()["error"]) == (503, "recording_store_silent")
        assert f"{hanging}/film" in answer.json()["detail"]
    whole = {"from": BEGAN_S + 1.0, "to": BEGAN_S + 15.0}  # this machine has all of it
    leader = desk_of("binh", Role.LEADER)
    letter = {"from": BEGAN_S, "to": BEGAN_S + 60.0, "reason": "CV 12/PC02"}
    placed = leader.post(
        f"{RECORDINGS}/cam-1/holds", json=letter, headers={"X-CSRF-Token": leader.csrf}
    )
    assert placed.json()["error"] == "recording_store_silent"  # not placed, and it is said
    here = desk.get(f"{RECORDINGS}/cam-1", params=whole)
    assert [round(one["id"] / 1000 - BEGAN_S) for one in here.json()["segments"]] == [0, 10]
    assert desk.get(f"{RECORDINGS}/cam-1/segments/{round(BEGAN_S * 1000)}.mp4").status_code == 200
    assert desk.get("/api/v1/cameras").status_code == 200
