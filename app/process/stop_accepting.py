"""Ends a server of asyncio without leaving behind what it has accepted just now."""

import asyncio

_TURNS = 4
"""Of the loop until what serves an accepted connection has begun: its task, transport, protocol."""


async def stop_accepting(server: asyncio.Server) -> None:
    """Close it once what it has accepted is connected.

    Of a server that is closed before, asyncio makes no transport (an assertion that it swallows):
    such a connection stays open, with nobody to close it, until its memory is collected.
    """
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener.fileno())
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    server.close()
