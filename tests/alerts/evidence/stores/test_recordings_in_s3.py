"""Film on its way to S3-compatible storage: whole, once, after an outage; what stays here."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.alerts.evidence.s3_server import S3Server, s3_settings
from tests.ingest.fake_source import synthetic_packets
from tests.ingest.recording.recorded import BEGAN_S, RecordedCamera, later, many
from tests.patience import PATIENCE_S
from thapcanh.alerts.evidence.stores.s3 import S3Objects
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.recording.index import INDEX_FILE, RecordingIndex, segment_added
from thapcanh.ingest.recording.rebuild import rebuild_index
from thapcanh.ingest.recording.retention import DAY_S, MOST_AT_ONCE, RecordingHold, RecordingLimits
from thapcanh.ingest.recording.store import uploader as uploader_module
from thapcanh.ingest.recording.store.objects import ObjectStoreError
from thapcanh.ingest.recording.store.segment_keys import (
    StoredSegment,
    read_gap,
    read_mark,
    read_segment,
)
from thapcanh.ingest.recording.store.store_retention import tidy_copies
from thapcanh.ingest.recording.store.uploader import SegmentUploader
from thapcanh.ingest.recording.store.waiting import backlog, segment_done
from thapcanh.ingest.recording.timeline import GapReason, RecordingSegment
from thapcanh.ingest.store_identity import STORE_ID_FILE

WaitFor = Callable[..., None]

Until = Callable[..., None]
SOON = Backoff(first_s=0.05, longest_s=0.1)


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server.started() as started:
        yield started


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[RecordedCamera]:
    """26 s of film, 14 s of gap, 4 s of film, and an end."""
    camera = RecordedCamera(tmp_path / "recordings")
    film = many(synthetic_packets(30), 13, 2.0)
    camera.take(film)
    camera.take(later(film[:60], 40.0, is_new_stream=True))
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 44.0)
    assert camera.journal.flush() is None
    yield camera
    camera.journal.close()


def uploader(camera: RecordedCamera, store: S3Objects) -> SegmentUploader:
    return SegmentUploader(camera.folder, store, SystemClock(), mbit=10_000.0, backoff=SOON)


def all_keys(server: S3Server, bucket: str) -> list[str]:
    return sorted(key.removeprefix("site/a/") for key in server.keys(bucket))


def films(server: S3Server, bucket: str) -> list[StoredSegment]:
    found = [read_segment(key) for key in all_keys(server, bucket)]
    return [one for one in found if one is not None]


def test_film_and_gaps_are_in_the_store_as_they_are_on_the_disk(
    server: S3Server, recorded: RecordedCamera
) -> None:
    bucket = server.new_bucket()
    store = S3Objects(server.settings(bucket))
    sender = uploader(recorded, store)
    assert sender.turn() == 4 + 2  # two of its gaps: the one before the first packet was none
    assert sender.turn() == 0
    there = films(server, bucket)
    here = recorded.segments()
    assert [(one.from_s, one.to_s, one.run, one.codec) for one in there] == [
        (one.from_s, one.to_s, one.run, one.codec) for one in here
    ]
    for one, own in zip(there, here, strict=True):
        content = b"".join(store.read(one.path))
        assert content == (recorded.folder / own.path).read_bytes()
        assert sha256(content).hexdigest() == one.sha256
        assert len(content) == one.size_bytes
    keys = all_keys(server, bucket)
    gaps = [gap for key in keys if (gap := read_gap(key)) is not None]
    assert [(str(gap.reason), gap.to_s is None) for gap in gaps] == [
        ("camera_offline", False), ("worker_stopped", True),
    ]  # fmt: skip
    assert [mark for key in keys if (mark := read_mark(key))] == [("since", BEGAN_S)]


def test_a_gap_that_ends_is_told_as_ended(server: S3Server, recorded: RecordedCamera) -> None:
    bucket = server.new_bucket()
    sender = uploader(recorded, S3Objects(server.settings(bucket)))
    sender.turn()
    recorded.take(later(synthetic_packets(30), 9000.0, is_new_stream=True))
    assert recorded.journal.flush() is None
    sender.turn()
    gaps = [gap for key in all_keys(server, bucket) if (gap := read_gap(key)) is not None]
    assert [(str(gap.reason), gap.to_s) for gap in gaps] == [
        ("camera_offline", BEGAN_S + 40.0),
        ("worker_stopped", BEGAN_S + 9000.0),
    ]


class DiesAfterTheFirst(S3Objects):
    """The process is killed between the upload and the mark in the index."""

    def put(self, key: str, content: Path | bytes) -> None:
        super().put(key, content)
        if key.endswith(".mp4"):
            raise KeyboardInterrupt


def test_what_a_kill_interrupts_is_there_once(server: S3Server, recorded: RecordedCamera) -> None:
    bucket = server.new_bucket()
    with pytest.raises(KeyboardInterrupt):
        uploader(recorded, DiesAfterTheFirst(server.settings(bucket))).turn()
    assert len(films(server, bucket)) == 1
    uploader(recorded, S3Objects(server.settings(bucket))).turn()
    assert [one.from_s for one in films(server, bucket)] == [
        one.from_s for one in recorded.segments()
    ]


def test_a_lost_index_doubles_nothing(server: S3Server, recorded: RecordedCamera) -> None:
    bucket = server.new_bucket()
    sender = uploader(recorded, S3Objects(server.settings(bucket)))
    sender.turn()
    before = films(server, bucket)
    recorded.journal.close()
    (recorded.folder / INDEX_FILE).unlink()
    assert rebuild_index(recorded.folder) == 4
    assert sender.turn() == 4  # asked for, and found there
    assert films(server, bucket) == before


def test_film_waits_for_a_store_that_is_down_and_an_outage_loses_none(
    server: S3Server, recorded: RecordedCamera, until: Until
) -> None:
    bucket = f"not-yet-{id(recorded)}"
    sender = uploader(recorded, S3Objects(s3_settings(server.endpoint, bucket, prefix="site/a")))
    sender.start()
    until(lambda: (sender.figures() or {}).get("error") is not None)
    told = sender.figures()
    assert told is not None
    assert told["error"] == (f"S3 store {server.endpoint}/{bucket}/site/a: there is no such bucket")
    assert (told["waiting"], told["oldest_at"]) == (4, BEGAN_S)
    other = uploader(recorded, S3Objects(server.settings(bucket)))
    other.start()
    server.client.create_bucket(Bucket=bucket)
    until(lambda: (sender.figures() or {})["waiting"] == 0)
    assert other.figures() is None  # one of a machine sends
    other.stop()
    sender.stop()
    assert len(films(server, bucket)) == 4


def test_copies_go_first_and_what_the_store_lacks_stays(
    server: S3Server, recorded: RecordedCamera
) -> None:
    index = recorded.index()
    now_s = BEGAN_S + DAY_S
    limits = RecordingLimits(days=7.0, local_days=0.5)
    assert tidy_copies(recorded.folder, index, limits, [], now_s=now_s) == 0  # nothing is sent yet
    with pytest.raises(KeyboardInterrupt):
        uploader(recorded, DiesAfterTheFirst(server.settings(server.new_bucket()))).turn()
    assert tidy_copies(recorded.folder, index, limits, [], now_s=now_s) == 0
    uploader(recorded, S3Objects(server.settings(server.new_bucket()))).turn()
    held = RecordingHold(
        hold_id="1", camera_id=None, from_s=BEGAN_S, to_s=BEGAN_S + 1.0, reason="vụ án 12",
        by="lan", at_s=now_s,
    )  # fmt: skip
    assert tidy_copies(recorded.folder, index, limits, [held], now_s=now_s) > 0
    assert [one.from_s for one in recorded.segments()] == [BEGAN_S]
    assert (recorded.folder / recorded.segments()[0].path).exists()
    assert index.span("hb-001").kept_from is None  # its sightings stay, for the store has the film


def test_where_nothing_else_gives_room_unsent_film_goes_in_a_named_gap(
    recorded: RecordedCamera,
) -> None:
    index = recorded.index()
    most = index.total_bytes() - 1
    limits = RecordingLimits(days=7.0, local_days=7.0, max_bytes=most)
    assert tidy_copies(recorded.folder, index, limits, [], now_s=BEGAN_S + 60.0) > 0
    assert ("expired", 0.0, 10.0) in recorded.gaps()


def test_film_that_is_only_here_stays_while_there_are_more_copies(tmp_path: Path) -> None:
    index = RecordingIndex(tmp_path)
    now_s = BEGAN_S + DAY_S
    for number in range(MOST_AT_ONCE + 100):
        one = RecordingSegment(
            camera_id="a", from_s=BEGAN_S + 10.0 * number, to_s=BEGAN_S + 10.0 * number + 10.0,
            run="a", path=f"{number}.mp4", init_bytes=1, size_bytes=1000, packets=1, codec="h",
        )  # fmt: skip
        (tmp_path / one.path).touch()
        index.apply([*segment_added(one)])
        if number >= 20:  # the oldest wait since an outage
            index.apply([segment_done(one, is_stored=True)])
    limits = RecordingLimits(days=7.0, local_days=7.0, max_bytes=20_000)
    tidy_copies(tmp_path, index, limits, [], now_s=now_s)
    assert backlog(index) == (20, BEGAN_S)
    tidy_copies(tmp_path, index, limits, [], now_s=now_s)
    assert (backlog(index), index.total_bytes()) == ((20, BEGAN_S), 20_000)
    index.close()


def test_another_store_is_sent_all_that_is_here(server: S3Server, recorded: RecordedCamera) -> None:
    first, second = server.new_bucket(), server.new_bucket()
    uploader(recorded, S3Objects(server.settings(first))).turn()
    sender = uploader(recorded, S3Objects(server.settings(second)))
    sender.turn()
    assert sender.turn() == 0
    assert films(server, second) == films(server, first)


def test_a_file_that_cannot_be_read_keeps_no_other_back(
    server: S3Server, recorded: RecordedCamera
) -> None:
    bucket = server.new_bucket()
    broken = recorded.folder / recorded.segments()[0].path
    broken.unlink()
    broken.symlink_to(broken.name)  # reading it is an error, and not that it is gone
    sender = uploader(recorded, S3Objects(server.settings(bucket)))
    sender.turn()
    assert len(films(server, bucket)) == 3
    assert backlog(recorded.index())[0] == 1


def test_film_does_not_wait_for_evidence_that_never_goes(
    server: S3Server, recorded: RecordedCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploader_module, "_EVIDENCE_FIRST_S", 0.1)
    asked: list[bool] = []

    def waits() -> bool:
        asked.append(True)
        return True

    store = S3Objects(server.settings(server.new_bucket()))
    sender = SegmentUploader(
        recorded.folder, store, SystemClock(), mbit=10_000.0, evidence_waits=waits
    )
    assert sender.turn() == 6
    assert len(asked) <= 4  # of one film's waiting, not of four


def test_a_folder_without_its_disk_is_neither_sent_nor_locked(
    server: S3Server, tmp_path: Path, wait_for: WaitFor
) -> None:
    folder, remembered = tmp_path / "film", tmp_path / "id"
    folder.mkdir()
    for known in (folder / STORE_ID_FILE, remembered):
        known.write_text("the-disk\n", encoding="ascii")
    store = S3Objects(server.settings(server.new_bucket()))
    sender = SegmentUploader(folder, store, SystemClock(), backoff=SOON, remembered=remembered)
    sender.start()
    wait_for(lambda: sender.figures() is not None, PATIENCE_S)
    folder.rename(tmp_path / "away")
    folder.mkdir()
    wait_for(lambda: sender.figures() is None, PATIENCE_S)
    assert list(folder.iterdir()) == []
    folder.rmdir()
    (tmp_path / "away").rename(folder)
    wait_for(lambda: sender.figures() is not None, PATIENCE_S)
    sender.stop()


@pytest.mark.parametrize("key", ["../a", "a//b", "a b", "", "/a"])
def test_only_plain_keys_are_asked_for(server: S3Server, key: str) -> None:
    store = S3Objects(server.settings("any"))
    with pytest.raises(ObjectStoreError, match="not a key"):
        store.put(key, b"")
