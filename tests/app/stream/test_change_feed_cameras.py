"""The feed tells screens of cameras that changed: soon, together, and not in a storm."""

import asyncio
import itertools
import threading
import time
from collections.abc import Callable

import pytest

from tests.app.stream.test_change_feed import ScriptedChanges, one, with_feed
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.stream import change_feed
from thapcanh.app.stream.change_feed import ChangeFeed
from thapcanh.app.stream.sse_client import HeartbeatMessage


class ScriptedCameras:
    """Versions of cameras as a test wants them."""

    def __init__(self, version: Callable[[], int]) -> None:
        self.version = version

    def since(self, scope: DataFilter, version: int) -> str | None:
        return f'{{"after": "{version}"}}' if scope == EVERYTHING else None


def test_a_camera_that_changes_is_told_without_waiting_for_the_next_heartbeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(change_feed, "CAMERAS_S", 0.01)
    monkeypatch.setattr(change_feed, "CAMERAS_GAP_S", 0.01)
    versions = [0]
    asked = threading.Event()

    def version() -> int:
        asked.set()
        return versions[0]

    async def work(feed: ChangeFeed, source: ScriptedChanges, _: ChangeNotifier) -> None:
        screen = await feed.open(EVERYTHING, "s")
        await asyncio.to_thread(asked.wait)
        versions[0] = 1
        beat = await one(screen)
        assert isinstance(beat, HeartbeatMessage)
        names = [line for line in beat.message.splitlines() if line.startswith((b"event", b"data"))]
        assert names == [
            b"event: cameras", b'data: {"after": "0"}', b"event: heartbeat", b"data: {}",
        ]  # fmt: skip

    with_feed(work, cameras=ScriptedCameras(version))


def test_cameras_that_change_all_the_time_are_told_of_once_a_gap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(change_feed, "CAMERAS_S", 0.01)
    monkeypatch.setattr(change_feed, "CAMERAS_GAP_S", 0.2)
    looked = itertools.count()
    beats: list[float] = []

    def pulse(_: DataFilter) -> str:
        beats.append(time.monotonic())
        return "{}"

    async def work(feed: ChangeFeed, source: ScriptedChanges, _: ChangeNotifier) -> None:
        screen = await feed.open(EVERYTHING, "s")
        for _beat in range(3):
            assert isinstance(await one(screen), HeartbeatMessage)

    with_feed(work, pulse=pulse, cameras=ScriptedCameras(lambda: next(looked)))
    assert next(looked) > len(beats)
    assert all(later - earlier >= 0.19 for earlier, later in itertools.pairwise(beats))
