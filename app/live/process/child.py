"""Program of the live process: `child SOCKET LOG_FORMAT`, started by the centre."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from thapcanh.app.live.feed_plan import FeedPlan
from thapcanh.app.live.process.frames import ChannelBroken, frame_of, read_frame
from thapcanh.app.live.process.media_server import MediaServer
from thapcanh.app.live.settings import LiveSettings
from thapcanh.app.live.stream_registry import LiveDependencies
from thapcanh.app.live.whip.phone_links import SCHEME
from thapcanh.app.live.whip.phone_source import PhoneHubs
from thapcanh.app.process.log import start_logging, use_format
from thapcanh.app.process.resources import (
    TIDY_EVERY_S,
    MemoryManager,
    freeze_objects,
    use_few_heaps,
)
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.sources.connection import OpenSource
from thapcanh.ingest.sources.registry import opener_of

_NICE = 5
_FIRST_TO_GO = "500"  # of 1000: before what detects, stores and shows alerts
_OOM_SCORE = Path("/proc/self/oom_score_adj")


def main(descriptor: int, log_format: str) -> None:
    """Serve the centre at the other end of the socket until it closes."""
    use_few_heaps()
    start_logging("live")
    use_format("json" if log_format == "json" else "text")
    os.nice(_NICE)
    with contextlib.suppress(OSError):  # another kernel, or one that does not let us
        _OOM_SCORE.write_text(_FIRST_TO_GO)
    freeze_objects()
    with contextlib.suppress(ChannelBroken):
        asyncio.run(served(socket.socket(fileno=descriptor)))
    sys.stderr.flush()
    os._exit(0)  # a thread that waits for a camera is not waited for


async def served(
    end: socket.socket,
    source: OpenSource | None = None,
    begun: Callable[[MediaServer], object] = lambda _: None,
) -> None:
    """Serve until the socket ends; `source` opens cameras in place of their own schemes."""
    reader, writer = await asyncio.open_connection(sock=end)
    try:
        settings = LiveSettings(**(await read_frame(reader))[0])
        hubs = PhoneHubs()

        def opener(plan: FeedPlan) -> OpenSource:
            return hubs if plan.url.scheme == SCHEME else source or opener_of(plan, plan.networks)

        server = MediaServer(
            reader,
            writer,
            LiveDependencies(opener_of=opener, clock=SystemClock(), settings=settings, hubs=hubs),
        )
        begun(server)
        writer.write(frame_of({"ready": True}))
        tidying = asyncio.create_task(_tidied(), name="live-memory")
        try:
            await server.serve()
        finally:
            tidying.cancel()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()  # and what the peers' ends still have to close


async def _tidied() -> None:
    """Collect the cyclic garbage of viewers that left, periodically."""
    memory = MemoryManager()
    while True:
        await asyncio.sleep(TIDY_EVERY_S)
        memory.round()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
