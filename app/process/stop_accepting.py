"""Ends a server of asyncio without leaving behind what it has accepted just now."""

import asyncio

_TURNS = 4
"""Of the loop until what serves an accepted connection has begun: its task, transport, protocol."""


async def stop_accepting(server: asyncio.Server) -> None:
    """Close the server once its accepted connections have transports.

    If it is closed earlier, asyncio leaks such a connection until it is collected.
    """
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener.fileno())
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    server.close()
