"""Work that is cancelled when the client disconnects."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import Request

from thapcanh.app.web_api.errors import ApiError

T = TypeVar("T")


async def while_connected(
    request: Request, work: Awaitable[T], stop: Callable[[], None] | None = None
) -> T:
    """Return the work's result; raise `ApiError` if the client disconnected.

    The work is over on return: `stop` ends it, or it is cancelled if there is no `stop`. A thread
    cannot be cancelled: whoever awaits one passes `stop`.
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
            (stop or doing.cancel)()
            await asyncio.wait({doing})


async def _left(request: Request) -> None:
    """Return when the client has disconnected; its body was read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
