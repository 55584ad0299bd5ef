"""What goes of the store of all machines, however long the lists are that it gives."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from thapcanh.ingest.recording.period_retention import DeletedRecordings, RecordingPeriod
from thapcanh.ingest.recording.retention import DAY_S, RecordingHold, RecordingLimits
from thapcanh.ingest.recording.store import store_retention
from thapcanh.ingest.recording.store.objects import PAGE, ListingTooLong, StoredObject
from thapcanh.ingest.recording.store.segment_keys import read_segment, segment_key
from thapcanh.ingest.recording.store.store_retention import StoreRetention
from thapcanh.ingest.recording.timeline import RecordingSegment

NOW_S = 1_780_000_000.0
LIMITS = RecordingLimits(days=7.0, days_of={"a": 7.0, "b": 7.0})


class StoreInMemory:
    """Keys alone, listed as the protocol says."""

    shown = "memory"

    def __init__(self) -> None:
        self.keys: set[str] = set()

    def put(self, key: str, _: Path | bytes) -> None:
        self.keys.add(key)

    def read(self, _: str) -> Iterator[bytes]:
        raise NotImplementedError

    def delete(self, keys: Sequence[str]) -> None:
        self.keys.difference_update(keys)

    def listed(
        self, prefix: str, *, after: str = "", most: int, page: int = PAGE
    ) -> Iterator[StoredObject]:
        del page
        found = sorted(one for one in self.keys if one.startswith(prefix) and one > after)
        for number, key in enumerate(found):
            if number >= most:
                raise ListingTooLong(prefix)
            yield StoredObject(key=key, size_bytes=0)

    def film(self, camera_id: str, from_s: float, to_s: float) -> None:
        at_s = from_s
        while at_s < to_s:
            one = RecordingSegment(
                camera_id=camera_id, from_s=at_s, to_s=at_s + 10.0, run="a", path="",
                init_bytes=1, size_bytes=100, packets=1, codec="h",
            )  # fmt: skip
            self.put(segment_key(one, "0" * 64), b"")
            at_s += 10.0

    def films(self) -> list[tuple[str, float]]:
        found = (read_segment(one) for one in sorted(self.keys))
        return [(one.camera_id, one.from_s) for one in found if one is not None]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> StoreInMemory:
    monkeypatch.setattr(store_retention, "MOST_LISTED", 7)
    return StoreInMemory()


def test_a_long_period_goes_in_parts_and_holds_up_no_other_camera(store: StoreInMemory) -> None:
    began_s = NOW_S - 3 * DAY_S
    period = RecordingPeriod(
        period_id="area", cameras=("a",), from_s=began_s, to_s=began_s + 300.0, days=1.0,
        told_at_s=NOW_S,
    )  # fmt: skip
    store.film("a", began_s, began_s + 300.0)
    store.film("b", NOW_S - 30 * DAY_S, NOW_S - 30 * DAY_S + 200.0)
    counted: list[DeletedRecordings] = []
    retention = StoreRetention(store, list, lambda: [period], lambda _, gone: counted.append(gone))
    assert retention.turn(LIMITS, NOW_S) == 50 * 100
    assert store.films() == []
    assert (sum(one.segments for one in counted), counted[-1].is_all) == (30, True)


def test_what_is_held_does_not_keep_what_comes_behind_it(store: StoreInMemory) -> None:
    began_s = NOW_S - 30 * DAY_S
    store.film("a", began_s, began_s + 400.0)
    hold = RecordingHold(
        hold_id="1", camera_id="a", from_s=began_s, to_s=began_s + 199.0, reason="vụ án 12",
        by="lan", at_s=NOW_S,
    )  # fmt: skip
    retention = StoreRetention(store, lambda: [hold], list, lambda *_: None)
    assert retention.turn(LIMITS, NOW_S) == 20 * 100
    assert store.films() == [("a", began_s + 10.0 * number) for number in range(20)]


def test_film_that_is_held_while_a_long_list_is_read_stays(store: StoreInMemory) -> None:
    began_s = NOW_S - 30 * DAY_S
    store.film("a", began_s, began_s + 100.0)
    every = RecordingHold(
        hold_id="1", camera_id=None, from_s=began_s, to_s=NOW_S, reason="vụ án 12", by="lan",
        at_s=NOW_S,
    )  # fmt: skip
    asked: list[int] = []

    def holds() -> list[RecordingHold]:
        asked.append(len(asked))
        return [every] if len(asked) > 1 else []

    StoreRetention(store, holds, list, lambda *_: None).turn(LIMITS, NOW_S)
    assert len(store.films()) == 3  # the first part of the list went before the hold
