"""Coverage, on SQLite and PostgreSQL: spans on change, holes that count as nothing, shares."""

import pytest

from thapcanh.alerts.coverage.coverage import CameraVisibility
from thapcanh.alerts.coverage.coverage_store import DAY_S, CoverageRepository
from thapcanh.alerts.evidence.keeping.closed_cases import RetentionRepository
from thapcanh.alerts.lifecycle.archive import Archive

T = 1_795_570_000.0
UP = CameraVisibility(state="online", reason=None, picture="ok", sees=True)
DARK = CameraVisibility(state="online", reason=None, picture="dark", sees=False)
DOWN = CameraVisibility(state="backoff", reason="refused", picture=None, sees=False)


@pytest.fixture
def book(archive: Archive) -> CoverageRepository:
    return CoverageRepository(archive.database)


def note(book: CoverageRepository, *rounds: tuple[float, CameraVisibility | None]) -> None:
    for at, sight in rounds:
        book.note({} if sight is None else {"c": sight}, T + at)


def test_without_a_record_there_is_no_share(book: CoverageRepository) -> None:
    covered = book.coverage({"c"}, T, T + 100)
    assert (covered.share, covered.recorded_share, covered.cameras) == (None, 0.0, ())


def test_a_camera_costs_a_row_only_when_it_changes(book: CoverageRepository) -> None:
    note(book, (0, UP), (10, UP), (20, DARK), (30, DOWN), (40, UP), (50, UP))
    spans = book.spans("c", T, T + 100, 99)
    assert [(span.since - T, span.until and span.until - T) for span in spans] == [
        (0, 20),
        (20, 30),
        (30, 40),
        (40, None),
    ]
    assert [span.sight for span in spans] == [UP, DARK, DOWN, UP]
    (camera,) = book.coverage({"c", "other"}, T, T + 50).cameras
    assert (camera.seen_s, camera.blind_s, camera.outages, camera.share) == (30, 20, 1, 0.6)


def test_a_period_cuts_spans_at_both_ends(book: CoverageRepository) -> None:
    note(book, (0, UP), (20, DOWN), (40, UP), (60, UP))
    covered = book.coverage({"c"}, T + 10, T + 30)
    assert (covered.share, covered.recorded_share) == (0.5, 1.0)
    assert covered.worst(5)[0].blind_s == 10
    later = book.coverage({"c"}, T + 50, T + 70)  # the record goes to 60 only
    assert (later.share, later.recorded_share) == (1.0, 0.5)


@pytest.mark.parametrize(
    ("rounds", "outages"),
    [
        (((0, DOWN), (10, DOWN)), 1),  # it never saw: beside its alert no "0 times" may stand
        (((0, UP), (10, DOWN), (20, UP), (30, DOWN), (40, UP)), 2),
        (((-10, UP), (-5, DOWN), (10, UP), (20, DOWN), (30, DOWN)), 2),  # it began before
        (((-10, DOWN), (10, DARK), (20, UP)), 1),  # one outage in two states
        (((0, UP), (10, UP)), 0),
    ],
)
def test_a_camera_without_a_picture_has_at_least_one_outage(
    book: CoverageRepository, rounds: tuple[tuple[float, CameraVisibility], ...], outages: int
) -> None:
    note(book, *rounds)
    (camera,) = book.coverage({"c"}, T, T + 50).cameras
    assert camera.outages == outages


@pytest.mark.parametrize("restarts", [True, False])
def test_what_nobody_wrote_down_counts_as_nothing(
    archive: Archive, book: CoverageRepository, restarts: bool
) -> None:
    note(book, (0, UP), (10, UP))
    after = CoverageRepository(archive.database) if restarts else book
    note(after, (1000, DOWN), (1010, DOWN))
    covered = after.coverage({"c"}, T, T + 1010)
    assert covered.share == 0.5
    assert covered.recorded_share == pytest.approx(20 / 1010)
    assert covered.cameras[0].outages == 1  # nobody saw it fall, yet it has no picture
    assert [span.until and span.until - T for span in after.spans("c", T, T + 2000, 9)] == [
        10,
        None,
    ]


def test_a_camera_that_is_taken_away_ends(book: CoverageRepository) -> None:
    note(book, (0, UP), (10, None), (20, None))
    (span,) = book.spans("c", T, T + 99, 9)
    assert span.until == T + 10
    assert book.coverage({"c"}, T, T + 20).cameras[0].recorded_s == 10


def test_a_clock_that_jumps_back_begins_anew(book: CoverageRepository) -> None:
    note(book, (100, UP), (50, DOWN), (60, DOWN))
    assert book.coverage({"c"}, T + 50, T + 60).share == 0.0


def test_old_spans_are_forgotten_once_their_days_were_lived(
    archive: Archive, book: CoverageRepository
) -> None:
    note(book, (0, UP), (10, DOWN), (20, DOWN))
    RetentionRepository(archive.database).note_day(T)
    book.forget(T + 2 * DAY_S + 15, 2)  # the date alone, as after a jump
    assert len(book.spans("c", T, T + 99, 9)) == 2
    RetentionRepository(archive.database).note_day(T + DAY_S)
    RetentionRepository(archive.database).note_day(T + 2 * DAY_S)
    book.forget(T + 2 * DAY_S + 15, 2)
    (span,) = book.spans("c", T, T + 99, 9)
    assert span.sight == DOWN  # it goes on
