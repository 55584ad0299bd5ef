"""A search finds exactly what looking at every record would find, in order, page by page."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.detection.sightings.seen import BEGAN_S, record
from thapcanh.detection.region import Region
from thapcanh.detection.sightings import store as stores
from thapcanh.detection.sightings.cells import cells_of, masked_cells, middle_of, mostly_in
from thapcanh.detection.sightings.query import SearchCursor, SightingQuery
from thapcanh.detection.sightings.search import SearchTooLong, SearchUnavailable, SightingSearch
from thapcanh.detection.sightings.sighting import CLASSES, COLOURS, LinePassage, SightingRecord
from thapcanh.detection.sightings.store import (
    MOST_A_SLOT,
    SIGHTINGS_FILE,
    SightingBatch,
    SightingStore,
    SlotAnalysis,
    slot_of,
)
from thapcanh.detection.tracking.drawn_shapes import LineSide

CAMERAS = ("cam-1", "cam-2", "cam-3")
LABELS = (*CLASSES, "dog", "forklift")  # two of a site's own model
share = st.integers(0, 9).map(lambda n: n / 10)
boxes = st.tuples(share, share).map(lambda at: (at[0], at[1], at[0] + 0.1, at[1] + 0.1))
sides = st.sampled_from(list(LineSide))
passages = st.lists(
    st.builds(
        LinePassage, line=st.sampled_from(["gate", "bridge"]), to=sides, at_s=st.just(BEGAN_S + 50)
    ),
    max_size=1,
)
records = st.builds(
    record,
    st.integers(-2000, 8000).map(lambda n: n / 2),
    camera=st.sampled_from(CAMERAS),
    label=st.sampled_from(LABELS),
    lasted_s=st.sampled_from([0.0, 4.0, 60.0, 900.0]),
    box=boxes,
    colour=st.none() | st.sampled_from(COLOURS),
    passages=passages,
)
MASK = ((0.0, 0.0), (0.35, 0.0), (0.35, 1.0), (0.0, 1.0))
queries = st.builds(
    SightingQuery,
    from_s=st.integers(-100, 100).map(lambda n: BEGAN_S + n),
    to_s=st.integers(101, 4000).map(lambda n: BEGAN_S + n),
    hidden=st.dictionaries(
        st.sampled_from([*CAMERAS, "never"]), st.sampled_from([0, masked_cells((MASK,))])
    ),
    labels=st.none() | st.frozensets(st.sampled_from(LABELS), min_size=1),
    colour=st.none() | st.sampled_from(COLOURS),
    line=st.none() | st.sampled_from(["gate", "bridge"]),
    to=st.none() | sides,
    box=st.none() | boxes,
)


def fits(one: SightingRecord, wanted: SightingQuery) -> bool:
    """What the search promises, said of one record."""
    ways = [way for way in one.passages if way.line == wanted.line]
    return all((
        one.camera_id in wanted.hidden,
        one.from_s < wanted.to_s and one.to_s >= wanted.from_s,
        not wanted.hidden.get(one.camera_id, 0) >> middle_of(one.best) & 1,
        wanted.labels is None or one.label in wanted.labels,
        wanted.colour is None or one.colour is wanted.colour,
        wanted.box is None or one.cells & mostly_in(wanted.box),
        wanted.line is None or any(wanted.to in (None, way.to) for way in ways),
    ))  # fmt: skip


def stored(folder: Path, seen: Sequence[SightingRecord]) -> SightingStore:
    store = SightingStore(folder)
    store.write(SightingBatch(sightings=list(enumerate(seen)), looks={}, dropped={}))
    return store


@settings(max_examples=25)
@given(seen=st.lists(records, max_size=40), wanted=queries, limit=st.integers(1, 7))
def test_pages_hold_what_looking_at_every_record_finds(
    tmp_path_factory: pytest.TempPathFactory,
    seen: list[SightingRecord],
    wanted: SightingQuery,
    limit: int,
) -> None:
    folder = tmp_path_factory.mktemp("sightings")
    stored(folder, seen).close()
    expected = sorted(
        (SearchCursor(round(one.from_s * 1000), one.camera_id, number), one.label, one.colour)
        for number, one in enumerate(seen)
        if fits(one, wanted)
    )
    found: list[tuple[SearchCursor, SightingRecord]] = []
    with SightingSearch(folder) as search:
        after = None
        while True:
            page = search.page(wanted, limit, after)
            found += page.items
            assert page.is_more is (len(page.items) == limit and len(found) < len(expected))
            if not page.is_more:
                break
            after = page.items[-1][0]
        counts = search.counts(wanted, 5)
    assert [(cursor, one.label, one.colour) for cursor, one in found] == expected
    assert sum(counts) == len(expected)
    part_s = (wanted.to_s - wanted.from_s) / 5
    for part in range(1, 5):
        begin, end = (wanted.from_s + part_s * edge for edge in (part, part + 1))
        assert counts[part] == sum(begin <= cursor.from_ms / 1000 < end for cursor, *_ in expected)


def test_what_comes_meanwhile_neither_repeats_nor_hides_what_follows(tmp_path: Path) -> None:
    store = stored(tmp_path, [record(float(at_s)) for at_s in range(0, 100, 10)])
    wanted = SightingQuery(from_s=BEGAN_S, to_s=BEGAN_S + 200, hidden={"cam-1": 0})
    with SightingSearch(tmp_path) as search:
        first = search.page(wanted, 4)
        late = [(100, record(5.0)), (101, record(95.0))]
        store.write(SightingBatch(sightings=late, looks={}, dropped={}))
        second = search.page(wanted, 100, first.items[-1][0])
    begins = [one.from_s - BEGAN_S for _, one in (*first.items, *second.items)]
    assert begins == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95]
    store.close()


def test_a_record_comes_back_as_it_was_within_its_steps(tmp_path: Path) -> None:
    way = LinePassage(line="gate", to=LineSide.OUTSIDE, at_s=BEGAN_S + 2.0)
    box: Region = (0.25, 0.5, 0.375, 0.875)
    seen = record(1.0, label="truck", box=box, colour=COLOURS[3], passages=[way])
    stored(tmp_path, [seen]).close()
    wanted = SightingQuery(from_s=BEGAN_S, to_s=BEGAN_S + 9, hidden={"cam-1": 0})
    with SightingSearch(tmp_path) as search:
        ((_, found),) = search.page(wanted, 5).items
    assert found.best == pytest.approx(box, abs=0.5 / 255)
    assert (found.label, found.colour, found.passages) == ("truck", COLOURS[3], (way,))
    assert (found.from_s, found.to_s, found.best_s) == (seen.from_s, seen.to_s, seen.best_s)
    assert found.cells == cells_of(box)


def test_a_flood_is_bounded_by_class_and_what_was_dropped_is_told(tmp_path: Path) -> None:
    flood = [record(n / 50, label="motorcycle", lasted_s=1.0) for n in range(3000)]
    store = stored(tmp_path, [*flood, record(30.0, label="car")])
    looks = {("cam-1", slot_of(BEGAN_S)): SlotAnalysis(awake_ms=100_000, idle_ms=20_000)}
    for _ in range(2):
        store.write(SightingBatch(sightings=[], looks=looks, dropped={}))
    store.close()
    wanted = SightingQuery(from_s=BEGAN_S, to_s=BEGAN_S + 300, hidden={"cam-1": 0})
    with SightingSearch(tmp_path) as search:
        assert sum(search.counts(wanted, 3)) == MOST_A_SLOT["motorcycle"] + 1
        told = search.coverage(BEGAN_S, BEGAN_S + 300, "cam-1", None)
        assert told.dropped == 3000 - MOST_A_SLOT["motorcycle"]
        assert told.dropped_slots == (slot_of(BEGAN_S) / 1000,)
        whole = BEGAN_S, BEGAN_S + 300
        assert (told.awake_s(*whole), told.idle_s(*whole)) == (200.0, 40.0)
        assert told.awake_s(BEGAN_S + 150, BEGAN_S + 900) == 100.0
        assert search.coverage(BEGAN_S, BEGAN_S + 300, "cam-1", frozenset({"car"})).dropped == 0
        assert search.coverage(BEGAN_S, BEGAN_S + 300, "cam-9", None).slots == ()


def test_the_same_batch_twice_is_stored_once(tmp_path: Path) -> None:
    store = stored(tmp_path, [record(1.0)])
    store.close()
    stored(tmp_path, [record(1.0)]).close()
    wanted = SightingQuery(from_s=BEGAN_S, to_s=BEGAN_S + 9, hidden={"cam-1": 0})
    with SightingSearch(tmp_path) as search:
        assert sum(search.counts(wanted, 1)) == 1


def test_nothing_seen_a_broken_store_and_one_that_takes_too_long(tmp_path: Path) -> None:
    wanted = SightingQuery(from_s=BEGAN_S, to_s=BEGAN_S + 9, hidden={"cam-1": 0})
    with SightingSearch(tmp_path) as search:
        assert (search.page(wanted, 5).items, search.counts(wanted, 2)) == ((), [0, 0])
    stored(tmp_path, [record(n / 1000, lasted_s=0.0, label=label) for n in range(150)
                      for label in CLASSES]).close()  # fmt: skip
    with SightingSearch(tmp_path, within_s=-1.0) as search, pytest.raises(SearchTooLong):
        search.counts(SightingQuery(from_s=0.0, to_s=1e10, hidden={"cam-1": 0}), 2000)
    (tmp_path / SIGHTINGS_FILE).write_bytes(b"broken" * 1000)
    with pytest.raises(SearchUnavailable), SightingSearch(tmp_path):
        pass
    with pytest.raises(sqlite3.DatabaseError):
        stores.SightingStore(tmp_path)


def test_a_store_of_before_object_models_keeps_its_numbers(tmp_path: Path) -> None:
    store = stored(tmp_path, [record(1.0, label="motorcycle")])
    store.connection.execute("DROP TABLE classes")
    store.close()
    wanted = SightingQuery(
        from_s=BEGAN_S, to_s=BEGAN_S + 200, hidden={"cam-1": 0}, labels=frozenset({"motorcycle"})
    )
    with SightingSearch(tmp_path) as search:
        assert [one.label for _, one in search.page(wanted, 5).items] == ["motorcycle"]
    store = SightingStore(tmp_path)
    dog = [(7, record(2.0, label="dog"))]
    store.write(SightingBatch(sightings=dog, looks={}, dropped={}))
    store.close()
    with SightingSearch(tmp_path) as search:
        every = SightingQuery(from_s=BEGAN_S, to_s=BEGAN_S + 200, hidden={"cam-1": 0})
        labels = [one.label for _, one in search.page(every, 5).items]
    assert labels == ["motorcycle", "dog"]
