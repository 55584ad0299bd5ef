"""The processor time of one coroutine, and that it runs as it would alone."""

import asyncio
import time

import pytest

from thapcanh.app.camera_events.listener import ThreadTime


def _work(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def test_its_own_steps_are_counted_and_neither_waiting_nor_others() -> None:
    async def costly(spent: ThreadTime) -> str:
        _work(0.05)
        assert spent.take() >= 0.05
        await asyncio.sleep(0.01)
        _work(0.03)
        return "done"

    async def other() -> None:
        _work(0.5)

    async def both() -> None:
        spent = ThreadTime()
        beside = asyncio.create_task(other())
        assert await spent.of(costly(spent)) == "done"
        await beside
        assert 0.03 <= spent.take() < 0.5
        assert spent.take() == 0.0

    asyncio.run(both())


def test_it_can_be_cancelled_and_fails_as_it_would_alone() -> None:
    async def cleaned_up(done: list[str]) -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0)
            done.append("cleaned up")

    async def fails() -> None:
        await asyncio.sleep(0)
        raise LookupError

    async def run() -> None:
        done: list[str] = []
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await ThreadTime().of(cleaned_up(done))
        assert done == ["cleaned up"]
        with pytest.raises(LookupError):
            await ThreadTime().of(fails())

    asyncio.run(run())
