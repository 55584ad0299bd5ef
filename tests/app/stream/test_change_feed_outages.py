"""The change feed while the archive is silent, knows less, or cannot be reached."""

import asyncio
import logging

import pytest

from tests.app.stream.test_change_feed import WARD, ScriptedChanges, one, told, with_feed
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.stream import change_feed
from thapcanh.app.stream.change_feed import ChangeFeed, ChangeFeedSettings, StreamUnavailable
from thapcanh.app.stream.sse_client import GapNotice


def test_an_outage_at_the_start_is_survived() -> None:
    source = ScriptedChanges()
    source.outages = 3

    async def work(feed: ChangeFeed, source: ScriptedChanges, bell: ChangeNotifier) -> None:
        screen = await feed.open(EVERYTHING, "s")
        source.changes.append(told(1))
        bell.notify()
        assert await one(screen) == told(1)

    with_feed(work, ChangeFeedSettings(heartbeat_s=60.0, look_s=0.01), source)


def test_while_the_archive_is_silent_streams_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_feed, "READY_WITHIN_S", 0.05)
    source = ScriptedChanges()
    source.outages = 1_000_000

    async def work(feed: ChangeFeed, _: ScriptedChanges, __: ChangeNotifier) -> None:
        with pytest.raises(StreamUnavailable, match="archive"):
            await feed.open(EVERYTHING, "s")

    with_feed(work, ChangeFeedSettings(heartbeat_s=60.0, look_s=0.01), source)


def test_an_archive_that_knows_less_is_a_gap_for_everybody() -> None:
    source = ScriptedChanges()
    source.changes += [told(seq) for seq in range(1, 6)]

    async def work(feed: ChangeFeed, source: ScriptedChanges, bell: ChangeNotifier) -> None:
        screens = [await feed.open(scope, "s") for scope in (EVERYTHING, WARD)]
        source.changes[:] = [told(1), told(2)]  # an older copy was restored
        bell.notify()
        for screen in screens:
            assert await one(screen) == GapNotice(2)
        assert feed.seq == 2

    with_feed(work, source=source)


def test_an_outage_of_the_database_is_one_line_and_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each sign of life told it again, with forty lines of traceback."""
    asked = 0

    def pulse(_: DataFilter) -> str:
        nonlocal asked
        asked += 1
        raise ArchiveUnreachable("archive: gone")

    async def work(feed: ChangeFeed, source: ScriptedChanges, bell: ChangeNotifier) -> None:
        await feed.open(EVERYTHING, "s")
        source.outages = 3
        while asked < 3 or source.outages:
            bell.notify()
            await asyncio.sleep(0)

    with_feed(work, ChangeFeedSettings(heartbeat_s=0.01, look_s=0.01), pulse=pulse)
    told = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.exc_info for record in told] == [None]
    assert "changes cannot be read" in told[0].getMessage()
