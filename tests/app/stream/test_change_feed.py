"""The feed and the boxes of screens, without a network: bounds, filters, outages, shutting down."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from tests.patience import PATIENCE_S
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.stream import change_feed
from thapcanh.app.stream.change_feed import (
    CameraChangeSource,
    ChangeFeed,
    ChangeFeedSettings,
    StreamUnavailable,
)
from thapcanh.app.stream.sse_client import (
    ChangeMessage,
    ChangePage,
    GapNotice,
    HeartbeatMessage,
    Item,
    SseClient,
    StreamEnd,
)

SLOW = ChangeFeedSettings(heartbeat_s=60.0, look_s=60.0)  # nothing happens by itself
WARD = DataFilter(areas=frozenset({"tay-ho"}))


def told(seq: int, area: str | None = "hoan-kiem") -> ChangeMessage:
    return ChangeMessage(
        seq=seq, at=0.0, alert_id="a", is_new=True, agency=None, area=area, message=b"%d" % seq
    )


async def one(screen: SseClient) -> Item:
    """The next message; the others stay in the box."""
    items = await screen.take()
    screen._box.extendleft(reversed(items[1:]))
    return items[0]


class ScriptedChanges:
    """Changes as a test writes them down."""

    def __init__(self) -> None:
        self.changes: list[ChangeMessage] = []
        self.outages = 0
        self.oldest = 1
        self.pushed: list[int] = []

    def last_seq(self) -> int:
        self._break()
        return self.changes[-1].seq if self.changes else 0

    def told_after(self, seq: int, limit: int) -> ChangePage:
        self._break()
        last = self.last_seq()
        items = tuple(change for change in self.changes if change.seq > seq)[:limit]
        reach = items[-1].seq if len(items) == limit else last
        whole = self.oldest - 1 <= seq <= last
        return ChangePage(items=items, last_seq=reach, complete=whole, made_at=0.0)

    def note_pushed(self, page: ChangePage) -> None:
        self.pushed += [change.seq for change in page.items]

    def _break(self) -> None:
        if self.outages:
            self.outages -= 1
            raise ArchiveUnreachable("archive: locked")


def with_feed(
    work: Callable[[ChangeFeed, ScriptedChanges, ChangeNotifier], Awaitable[None]],
    settings: ChangeFeedSettings = SLOW,
    source: ScriptedChanges | None = None,
    pulse: Callable[[DataFilter], str] = lambda _: "{}",
    cameras: CameraChangeSource | None = None,
) -> None:
    """Run a test's work beside a started feed."""

    async def run() -> None:
        bell, changes = ChangeNotifier(), source or ScriptedChanges()
        feed = ChangeFeed(changes, bell, pulse, settings, cameras)
        await feed.start()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await work(feed, changes, bell)
        finally:
            await feed.close()
            await feed.close()  # twice is fine

    asyncio.run(run())


def test_a_ring_wakes_the_feed() -> None:
    async def work(feed: ChangeFeed, source: ScriptedChanges, bell: ChangeNotifier) -> None:
        screen = await feed.open(EVERYTHING, "s")
        source.changes += [told(1), told(2)]
        bell.notify()
        assert [await one(screen), await one(screen)] == source.changes
        assert feed.seq == 2

    with_feed(work)


def test_without_a_ring_the_feed_looks_by_itself() -> None:
    async def work(feed: ChangeFeed, source: ScriptedChanges, _: ChangeNotifier) -> None:
        screen = await feed.open(EVERYTHING, "s")
        source.changes.append(told(1))
        assert await one(screen) == told(1)

    with_feed(work, ChangeFeedSettings(heartbeat_s=60.0, look_s=0.01))


def test_more_than_a_page_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_feed, "PAGE", 3)

    async def work(feed: ChangeFeed, source: ScriptedChanges, bell: ChangeNotifier) -> None:
        screen = await feed.open(EVERYTHING, "s")
        source.changes += [told(seq) for seq in range(1, 9)]
        bell.notify()
        assert [await one(screen) for _ in range(8)] == source.changes

    with_feed(work)


def test_screens_begin_where_the_feed_is() -> None:
    source = ScriptedChanges()
    source.changes += [told(1), told(2)]

    async def work(feed: ChangeFeed, source: ScriptedChanges, bell: ChangeNotifier) -> None:
        screen = await feed.open(EVERYTHING, "s")
        assert screen.since_seq == 2
        source.changes.append(told(3))
        bell.notify()
        assert await one(screen) == told(3)

    with_feed(work, source=source)


def test_a_screen_of_another_centre_may_know_more_than_was_read_here() -> None:
    """Else it would be told the same changes twice."""
    source = ScriptedChanges()
    source.changes.append(told(1))

    async def work(feed: ChangeFeed, source: ScriptedChanges, bell: ChangeNotifier) -> None:
        first = await feed.open(EVERYTHING, "s")
        source.changes += [told(2), told(3)]  # nobody rang here, and the feed looks once a minute
        screen = await feed.open(EVERYTHING, "t", client_seq=3)
        assert (first.since_seq, screen.since_seq) == (1, 3)
        source.changes.append(told(4))
        bell.notify()
        assert await one(screen) == told(4)
        assert (await feed.open(EVERYTHING, "u", client_seq=99)).since_seq == 4  # nobody has it

    with_feed(work, source=source)


def test_heartbeats_come_and_times_of_sending_are_noted() -> None:
    async def work(feed: ChangeFeed, source: ScriptedChanges, bell: ChangeNotifier) -> None:
        screen = await feed.open(EVERYTHING, "s")
        source.changes.append(told(1))
        bell.notify()
        while not isinstance(item := await one(screen), HeartbeatMessage):
            assert item == told(1)
        while source.pushed != [1]:
            await one(screen)

    with_feed(work, ChangeFeedSettings(heartbeat_s=0.01, look_s=60.0))


def test_heartbeats_wait_for_no_replay() -> None:
    """Screens that come back read what they missed in the loop's own threads: all of them."""

    async def work(feed: ChangeFeed, _: ScriptedChanges, __: ChangeNotifier) -> None:
        held = threading.Event()
        replays = [asyncio.create_task(asyncio.to_thread(held.wait, 20)) for _ in range(64)]
        try:
            screen = await feed.open(EVERYTHING, "s")
            beats = [await one(screen), await one(screen), await one(screen)]
            assert all(isinstance(beat, HeartbeatMessage) for beat in beats)
        finally:
            held.set()
            await asyncio.gather(*replays)

    with_feed(work, ChangeFeedSettings(heartbeat_s=0.01, look_s=60.0))


def test_heartbeats_come_often_enough_for_the_screens_watchdog() -> None:
    """A stall is told within 5 s, and one late heartbeat is none (`link-state.ts`)."""
    assert ChangeFeedSettings().heartbeat_s * 2 + change_feed.CAMERAS_S <= 4.5


def test_closing_ends_every_stream_and_opens_no_more() -> None:
    async def work(feed: ChangeFeed, _: ScriptedChanges, __: ChangeNotifier) -> None:
        screens = [await feed.open(EVERYTHING, name) for name in "abc"]
        feed.end_streams()
        assert [await one(screen) for screen in screens] == [StreamEnd.CLOSING] * 3
        with pytest.raises(StreamUnavailable):
            await feed.open(EVERYTHING, "d")

    with_feed(work)


def test_when_it_is_closed_nothing_reads_the_archive_any_more() -> None:
    """A feed whose streams had been ended once left its thread behind, reading a closed archive."""

    async def work(feed: ChangeFeed, _: ScriptedChanges, __: ChangeNotifier) -> None:
        feed.end_streams()
        await feed.close()
        assert not [one for one in threading.enumerate() if one.name.startswith("change-feed")]

    with_feed(work)


def test_a_ring_after_the_end_does_no_harm() -> None:
    bells: list[ChangeNotifier] = []

    async def work(_: ChangeFeed, __: ScriptedChanges, bell: ChangeNotifier) -> None:
        bells.append(bell)

    with_feed(work)
    bells[0].notify()


def test_a_slow_screen_gets_one_gap_and_goes_on() -> None:
    async def run() -> None:
        screen = SseClient(EVERYTHING, "s", 0, size=3)
        for seq in range(1, 5):
            screen.offer(told(seq), seq)
        assert await one(screen) == GapNotice(4)
        assert screen.dropped == 3
        screen.offer(told(5), 5)
        assert await one(screen) == told(5)

    asyncio.run(run())


def test_a_full_box_of_one_screen_does_not_hold_up_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(change_feed, "PAGE", 2000)

    async def work(feed: ChangeFeed, source: ScriptedChanges, bell: ChangeNotifier) -> None:
        slow, quick = await feed.open(EVERYTHING, "a"), await feed.open(EVERYTHING, "b")
        source.changes += [told(seq) for seq in range(1, 1302)]
        bell.notify()
        first = [await one(quick) for _ in range(1)]
        assert isinstance(first[0], GapNotice | ChangeMessage)
        assert isinstance(await one(slow), GapNotice)

    with_feed(work)


def test_a_screen_gets_only_what_its_scope_sees() -> None:
    async def run() -> None:
        screen = SseClient(WARD, "s", 0)
        screen.offer(told(1, "hoan-kiem"), 1)
        screen.offer(told(2, None), 2)
        screen.offer(told(3, "tay-ho"), 3)
        assert await one(screen) == told(3, "tay-ho")

    asyncio.run(run())


def test_an_ending_overtakes_what_waits() -> None:
    async def run() -> None:
        screen = SseClient(EVERYTHING, "s", 0)
        screen.offer(told(1), 1)
        screen.end(StreamEnd.LOGGED_OUT)
        assert await one(screen) is StreamEnd.LOGGED_OUT

    asyncio.run(run())
