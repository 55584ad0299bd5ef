"""What the leading centre deletes of the store of all machines, and what it never does."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.alerts.evidence.s3_server import S3Server
from thapcanh.alerts.evidence.stores.s3 import S3Objects
from thapcanh.app.recordings.recording_retention import RecordingRetention
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.config.storage import RecordingConfig
from thapcanh.ingest.recording.period_retention import RecordingPeriod, periods_of
from thapcanh.ingest.recording.retention import (
    DAY_S,
    HoldUnreadable,
    RecordingHold,
    holds_of,
    write_hold,
)
from thapcanh.ingest.recording.store.segment_keys import RecordingCatalogue, segment_key
from thapcanh.ingest.recording.store.shared_records import SharedRecords, is_copy_recent
from thapcanh.ingest.recording.timeline import RecordingSegment

NOW_S = 1_795_568_400.0
HELD = RecordingHold(
    hold_id="a1", camera_id="a", from_s=NOW_S - 9.1 * DAY_S, to_s=NOW_S - 8.9 * DAY_S,
    reason="vụ án 12", by="lan", at_s=NOW_S,
)  # fmt: skip
PERIOD = RecordingPeriod(
    period_id="watch-0123456789ab", cameras=("a",), from_s=NOW_S - 20 * DAY_S,
    to_s=NOW_S - 10 * DAY_S, days=5.0, told_at_s=NOW_S,
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server.started() as started:
        yield started


@dataclass
class Stored:
    """One bucket, and the retention of a centre on it."""

    server: S3Server
    folder: Path
    bucket: str = field(init=False)
    site: Site = field(init=False)

    def __post_init__(self) -> None:
        self.bucket = self.server.new_bucket()
        settings = self.server.settings(self.bucket)
        self.store = S3Objects(settings)
        self.records = SharedRecords(self.store)
        cameras = tuple(
            CameraConfig(id=name, name=name, source=SecretUrl("rtsp://10.0.0.1/"), record_days=days)
            for name, days in (("a", None), ("b", 30.0))
        )
        recording = RecordingConfig(dir=self.folder, store="s3", s3=settings, days=7.0)
        self.site = Site(cameras=cameras, recording=recording)
        self.retention = RecordingRetention(lambda: self.site, lambda: NOW_S)

    def film(self, camera: str, *days_old: float) -> None:
        for days in days_old:
            from_s = NOW_S - days * DAY_S
            segment = RecordingSegment(
                camera_id=camera, from_s=from_s, to_s=from_s + 10.0, run="1", path="", init_bytes=1,
                size_bytes=2, packets=1, codec="avc1",
            )  # fmt: skip
            self.store.put(segment_key(segment, "0" * 64), b"xx")

    def left(self) -> list[tuple[str, float]]:
        """What is there still, by camera and age in days."""
        found = [
            one
            for camera in ("a", "b", "gone")
            for one in RecordingCatalogue(self.store).stretch(camera, 0.0, NOW_S).segments
        ]
        return [(one.camera_id, round((NOW_S - one.from_s) / DAY_S, 2)) for one in found]


@pytest.fixture
def stored(server: S3Server, tmp_path: Path) -> Stored:
    made = Stored(server, tmp_path / "recordings")
    made.film("a", 9, 8, 6)
    made.film("b", 31, 9)
    made.film("gone", 31, 9)  # no camera of the site any more: kept as the longest
    return made


def test_film_goes_by_its_cameras_days_and_the_rest_is_told_as_expired(stored: Stored) -> None:
    stored.server.client.put_object(Bucket=stored.bucket, Key="site/a/cameras/rác", Body=b"")
    stored.retention.round()
    assert stored.left() == [("a", 6), ("b", 9), ("gone", 9)]
    span = RecordingCatalogue(stored.store).stretch("a", 0.0, NOW_S).span
    assert span.kept_from == NOW_S - 8 * DAY_S + 10.0
    stored.film("a", 10)  # came late, from a machine that was cut off
    stored.retention.round()
    stored.retention.round()
    assert stored.left() == [("a", 6), ("b", 9), ("gone", 9)]
    assert any("cameras/r" in key for key in stored.server.keys(stored.bucket))  # none of ours


def test_what_is_held_stays_until_it_is_released(stored: Stored) -> None:
    stored.records.write_hold(HELD)
    stored.retention.round()
    assert ("a", 9) in stored.left()
    stored.records.lift_hold("a1")
    write_hold(stored.folder, HELD)  # placed before there was a store
    stored.retention.round()
    assert ("a", 9) in stored.left()
    (stored.folder / "holds" / "a1.json").unlink()
    stored.retention.round()
    assert ("a", 9) not in stored.left()


@pytest.mark.parametrize("name", ["holds/a2.json", "periods/watch-1.json"])
@pytest.mark.parametrize("content", [b"{", b"\xff", b"[]", b'{"from_s": 1}', b"x" * 2_000_000])
def test_a_word_that_cannot_be_read_holds_everything(
    stored: Stored, name: str, content: bytes
) -> None:
    before = stored.left()
    stored.store.put(name, content)
    stored.retention.round()
    assert stored.left() == before


def test_nothing_goes_on_a_site_without_cameras_or_when_the_store_is_away(stored: Stored) -> None:
    before, site = stored.left(), stored.site
    stored.site = site.model_copy(update={"cameras": ()})
    stored.retention.round()
    s3 = stored.server.settings("no-such-bucket")
    away = site.recording.model_copy(update={"s3": s3})
    stored.site = site.model_copy(update={"recording": away})
    stored.retention.round()
    assert stored.left() == before


def test_film_of_a_watch_area_goes_by_its_own_days_but_what_is_spared(stored: Stored) -> None:
    stored.film("a", 19, 18, 17, 12)
    spared = ("a", NOW_S - 17.1 * DAY_S, NOW_S - 16.9 * DAY_S)
    stored.records.write_period(replace(PERIOD, days=30.0))  # held until then
    stored.retention.round()
    assert [age for camera, age in stored.left() if camera == "a"] == [19, 18, 17, 12, 6]
    stored.records.write_period(replace(PERIOD, told_at_s=NOW_S - 3600.0, spared=(spared,)))
    stored.site = stored.site.model_copy(
        update={"recording": stored.site.recording.model_copy(update={"days": 100.0})}
    )
    stored.retention.round()  # nothing on a word that is old
    assert [age for camera, age in stored.left() if camera == "a"] == [19, 18, 17, 12, 6]
    stored.records.write_period(replace(PERIOD, spared=(spared,)))
    stored.records.write_hold(replace(HELD, from_s=NOW_S - 12 * DAY_S, to_s=NOW_S - 11 * DAY_S))
    stored.retention.round()
    assert [age for camera, age in stored.left() if camera == "a"] == [17, 12, 6]
    gone = stored.records.deleted_of(PERIOD.period_id)
    assert (gone.segments, gone.bytes, gone.is_all) == (2, 4, False)
    gaps = RecordingCatalogue(stored.store).stretch("a", 0.0, NOW_S).gaps
    assert [str(one.reason) for one in gaps] == ["expired", "expired"]
    stored.records.lift_hold("a1")
    stored.records.write_period(PERIOD)  # the case was closed
    stored.retention.round()
    gone = stored.records.deleted_of(PERIOD.period_id)
    assert (gone.segments, gone.is_all) == (4, True)


def test_a_machine_has_a_copy_of_what_is_said_and_none_of_what_is_not(stored: Stored) -> None:
    stored.records.write_hold(HELD)
    stored.records.write_period(PERIOD)
    write_hold(stored.folder, replace(HELD, hold_id="own"))
    assert not is_copy_recent(stored.folder, NOW_S)
    stored.records.copy_to(stored.folder, NOW_S)
    assert {one.hold_id for one in holds_of(stored.folder)} == {"a1", "own"}
    assert periods_of(stored.folder) == [PERIOD]
    assert is_copy_recent(stored.folder, NOW_S + 800.0)
    assert not is_copy_recent(stored.folder, NOW_S + 1000.0)
    stored.records.lift_hold("a1")
    stored.records.copy_to(stored.folder, NOW_S)
    assert [one.hold_id for one in holds_of(stored.folder)] == ["own"]
    stored.store.put("holds/a2.json", b"{")
    SharedRecords(stored.store).copy_to(stored.folder, NOW_S)
    with pytest.raises(HoldUnreadable):
        holds_of(stored.folder)
