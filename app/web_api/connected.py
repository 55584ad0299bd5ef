"""Work for who asks, only for as long as they wait for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import Request

from thapcanh.app.web_api.errors import ApiError

T = TypeVar("T")


async def while_connected(
    request: Request, work: Awaitable[T], stop: Callable[[], None] = lambda: None
) -> T:
    """Return what the work gives; raise `ApiError`, which nobody reads, where the sender left.

    It is cancelled then, after `stop`, which ends what cannot be cancelled, and is over on return.
    """
    doing = asyncio.ensure_future(work)
    leaving = asyncio.create_task(_left(request))
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise ApiError(408, "too_slow")
    finally:
        leaving.cancel()
        if not doing.done():
            stop()
            doing.cancel()
            await asyncio.wait({doing})


async def _left(request: Request) -> None:
    """Return when the other side is gone; its body was read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
