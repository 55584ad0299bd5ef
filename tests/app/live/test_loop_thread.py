"""The media's own loop, and the bell that wakes it from other threads."""

import asyncio
import threading

import pytest

from tests.patience import PATIENCE_S
from thapcanh.app.process.loop_thread import LoopNotifier, LoopStopped, LoopThread


def test_work_runs_on_a_thread_of_its_own_and_faults_come_back() -> None:
    media = LoopThread()

    async def where() -> str:
        return threading.current_thread().name

    async def broken() -> None:
        raise KeyError("x")

    async def ask() -> str:
        with pytest.raises(KeyError):
            await media.run(broken())
        return await media.run(where())

    assert not media.is_started
    assert asyncio.run(ask()) == "live-signals"
    assert media.stop(5.0)
    assert media.stop(5.0)


def test_stopping_cancels_what_still_runs_and_refuses_more() -> None:
    media = LoopThread()
    ended: list[str] = []

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cleaned up")

    async def nothing() -> None: ...

    waiting = media.submit(for_ever())
    media.submit(nothing()).result(PATIENCE_S)
    assert media.stop(5.0)
    assert ended == ["cleaned up"]
    assert waiting.cancelled()
    with pytest.raises(LoopStopped):
        media.submit(nothing())


def test_a_loop_that_never_ran_stops_too() -> None:
    assert LoopThread().stop(0.1)


def test_a_bell_wakes_everybody_and_many_rings_are_one() -> None:
    def ring_often(bell: LoopNotifier) -> None:
        for _ in range(1000):
            bell.notify()

    async def ring_for_two() -> tuple[list[bool], bool]:
        bell = LoopNotifier(asyncio.get_running_loop())
        waiting = [asyncio.create_task(bell.wait(PATIENCE_S)) for _ in range(2)]
        await asyncio.sleep(0)
        ringer = threading.Thread(target=ring_often, args=(bell,))
        ringer.start()
        ringer.join()
        woken = await asyncio.gather(*waiting)
        return woken, await bell.wait(0.05)

    woken, later = asyncio.run(ring_for_two())
    assert woken == [True, True]
    assert later is False


def test_ringing_after_the_loop_has_ended_is_no_fault() -> None:
    async def made() -> LoopNotifier:
        return LoopNotifier(asyncio.get_running_loop())

    bell = asyncio.run(made())
    bell.notify()
    bell.notify()
