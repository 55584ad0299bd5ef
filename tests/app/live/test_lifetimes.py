"""When viewers are given up and cameras closed: tables of facts and times."""

import pytest

from thapcanh.app.live.settings import (
    FeedEnd,
    LiveSettings,
    ViewerEnd,
    ViewerFacts,
    why_feed_ends,
    why_viewer_ends,
)

SETTINGS = LiveSettings(connect_within_s=15.0, silent_after_s=12.0, linger_s=10.0)
BEGAN = 1000.0


@pytest.mark.parametrize(
    ("connection", "sent_at", "heard_at", "now", "expected"),
    [
        ("new", None, None, 1014.9, None),
        ("connecting", None, None, 1015.0, ViewerEnd.NEVER_CONNECTED),
        ("failed", None, None, 1000.1, ViewerEnd.LOST),
        ("closed", 1001.0, 1001.0, 1001.1, ViewerEnd.LOST),
        ("connected", None, None, 1900.0, None),  # the camera gives nothing: nothing to report
        ("connected", 1011.9, None, 1012.0, None),
        ("connected", 1012.0, None, 1012.0, ViewerEnd.SILENT),
        ("connected", 1500.0, 1489.0, 1500.0, None),
        ("connected", 1501.0, 1489.0, 1501.0, ViewerEnd.SILENT),
        ("connected", 1490.0, 1489.0, 1900.0, None),  # the camera stalled, not the viewer
    ],
)
def test_viewers_end_for_named_reasons(
    connection: str,
    sent_at: float | None,
    heard_at: float | None,
    now: float,
    expected: ViewerEnd | None,
) -> None:
    facts = ViewerFacts(
        connection=connection, began_at=BEGAN, last_sent_at=sent_at, last_heard_at=heard_at
    )
    assert why_viewer_ends(facts, now, SETTINGS) is expected


@pytest.mark.parametrize(
    ("unwatched_since", "now", "expected"),
    [(None, 9999.0, None), (1000.0, 1009.9, None), (1000.0, 1010.0, FeedEnd.UNWATCHED)],
)
def test_cameras_are_closed_for_named_reasons(
    unwatched_since: float | None, now: float, expected: FeedEnd | None
) -> None:
    why = why_feed_ends(unwatched_since=unwatched_since, now=now, settings=SETTINGS)
    assert why is expected
