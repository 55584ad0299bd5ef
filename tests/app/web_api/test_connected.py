"""Work for a client that disconnects is over before its place is given to the next."""

import asyncio
import threading
import time
from typing import cast

import anyio
import pytest
from starlette.requests import Request

from tests.patience import PATIENCE_S
from thapcanh.app.web_api.connected import while_connected
from thapcanh.app.web_api.errors import ApiError


class LeavingRequest:
    """A request whose client disconnects once its work has begun."""

    def __init__(self, begun: threading.Event) -> None:
        self._begun = begun

    async def receive(self) -> dict[str, str]:
        while not self._begun.is_set():
            await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}


def test_a_thread_has_ended_when_its_client_has_left() -> None:
    begun, stopped, over = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        stopped.wait(PATIENCE_S)
        time.sleep(0.3)  # a killed child is waited for
        over.set()

    async def served() -> None:
        request = cast("Request", LeavingRequest(begun))
        with pytest.raises(ApiError):
            await while_connected(request, anyio.to_thread.run_sync(work), stopped.set)
        assert over.is_set()

    asyncio.run(served())


def test_what_can_be_cancelled_is_cancelled_when_its_client_has_left() -> None:
    begun, ends = threading.Event(), []

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(PATIENCE_S)
        finally:
            ends.append("cancelled")

    async def served() -> None:
        with pytest.raises(ApiError):
            await while_connected(cast("Request", LeavingRequest(begun)), work())
        assert ends == ["cancelled"]

    asyncio.run(served())
