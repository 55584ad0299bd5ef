"""The disk of the recordings is not mounted: nothing is called missing, held or deleted by that."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.alerts.evidence.s3_server import S3Server
from tests.app.recordings.test_recording_holds import HOLDS, LETTER, post
from tests.app.recordings.test_recording_retention import HELD, NOW_S, PERIOD, Stored
from tests.app.recordings.test_recordings import RECORDINGS, ask
from tests.app.web_api.centre import Centre, Desk
from tests.ingest.fake_source import synthetic_packets
from tests.ingest.recording.recorded import BEGAN_S, RecordedCamera
from thapcanh.alerts.store.roles import Role
from thapcanh.app.recordings.recording_retention import RecordingRetention, period_records
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.config.site import SiteFacts
from thapcanh.config.storage import RecordingConfig
from thapcanh.ingest.recording.disk import RecordingDiskMissing
from thapcanh.ingest.recording.retention import write_hold
from thapcanh.ingest.recording.timeline import GapReason
from thapcanh.ingest.store_identity import STORE_ID_FILE

PLAYED = ("", "/playlist.m3u8", f"/segments/{round(BEGAN_S * 1000)}.mp4", "/still")


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server.started() as started:
        yield started


@pytest.fixture
def unmounted(centre: Centre, tmp_path: Path) -> Path:
    """The folder that has a disk's film of cam-1, without its disk."""
    folder = tmp_path / "recordings"
    camera = RecordedCamera(folder, "cam-1")
    camera.take(synthetic_packets(60))
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 4.0)
    assert camera.journal.flush() is None
    camera.journal.close()
    site = centre.site()
    facts = site.site.model_copy(update={"data_dir": centre.folder / "data"})
    wanted = {"site": facts, "recording": RecordingConfig(dir=folder)}
    site = site.model_copy(update=wanted)
    centre.site.replace(site)
    remembered = site_paths_of(site).remembered_recordings(folder)
    remembered.parent.mkdir(parents=True)
    remembered.write_text("the-disk\n", encoding="ascii")
    (folder / STORE_ID_FILE).write_text("the-disk\n", encoding="ascii")
    folder.rename(folder.with_name("away"))
    folder.mkdir()
    return folder


def mount(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.with_name("away").rename(folder)


def test_playback_says_that_the_disk_is_not_there_and_plays_when_it_is(
    desk_of: Callable[..., Desk], unmounted: Path
) -> None:
    desk = desk_of("an", Role.LEADER)
    for tail in PLAYED:
        answer = ask(desk, tail, at=BEGAN_S + 1.0)
        assert (answer.status_code, answer.json()["error"]) == (503, "recording_disk_missing")
        assert str(unmounted) in answer.json()["detail"]
    assert desk.get(RECORDINGS).json()["error"] == "recording_disk_missing"
    mount(unmounted)
    assert len(ask(desk).json()["segments"]) == 1
    assert ask(desk, "/still", at=BEGAN_S + 1.0).status_code == 200


def test_what_was_seen_is_not_told_as_nothing(
    desk_of: Callable[..., Desk], unmounted: Path
) -> None:
    words = {"from": BEGAN_S, "to": BEGAN_S + 300}
    answer = desk_of("an", Role.LEADER).get("/api/v1/sightings", params=words)
    assert (answer.status_code, answer.json()["error"]) == (503, "recording_disk_missing")


def test_no_hold_is_placed_where_it_would_vanish_with_the_mount(
    desk_of: Callable[..., Desk], unmounted: Path
) -> None:
    desk = desk_of("binh", Role.LEADER)
    for answer in (post(desk, HOLDS, **LETTER), desk.get(HOLDS)):
        assert (answer.status_code, answer.json()["error"]) == (503, "recording_disk_missing")
    assert list(unmounted.iterdir()) == []
    mount(unmounted)
    assert post(desk, HOLDS, **LETTER).status_code == 201


def test_periods_of_watch_areas_wait_for_the_disk(centre: Centre, unmounted: Path) -> None:
    records = period_records(centre.site())
    assert records is not None
    for told in (lambda: records.write_period(PERIOD), lambda: records.deleted_of("watch-1")):
        with pytest.raises(RecordingDiskMissing):
            told()
    assert list(unmounted.iterdir()) == []


def test_the_store_loses_no_film_whose_hold_is_on_a_disk_that_is_not_mounted(
    server: S3Server, tmp_path: Path
) -> None:
    stored = Stored(server, tmp_path / "recordings")
    facts = SiteFacts(data_dir=tmp_path / "data")
    stored.site = stored.site.model_copy(update={"site": facts})
    stored.film("a", 9)
    write_hold(stored.folder, HELD)
    (stored.folder / STORE_ID_FILE).write_text("the-disk\n", encoding="ascii")
    stored.retention.round()
    stored.folder.rename(tmp_path / "away")
    stored.folder.mkdir()
    again = RecordingRetention(lambda: stored.site, lambda: NOW_S)
    again.round()
    assert stored.left() == [("a", 9)]
