"""Runs an app on a port until `stop`, on the calling thread; open streams never delay the end."""

import asyncio
import contextlib
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import uvicorn
from starlette.types import ASGIApp

from thapcanh.app.process.resources import allow_many_files
from thapcanh.app.process.stop_accepting import stop_accepting
from thapcanh.app.web_api.middleware.http_protocol import BoundedProtocol, protocol_class
from thapcanh.config.site import CentreConfig
from thapcanh.ingest.stoppable_thread import StoppableThread

if TYPE_CHECKING:
    from fastapi import FastAPI

log = logging.getLogger(__name__)

TICK_S = 0.1
LOOK_S = 0.005  # between two looks whether the last connection has closed
SWITCH_S = 0.001  # of threads; at 5 ms, Python's own, the loop waits 5 ms for each that computes
FINISH_WITHIN_S = 5  # a request that is still in work then is cut
CUT_WITHIN_S = 0.1  # what a cut request has to say so


class CannotListen(Exception):
    """A port that cannot be opened; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Listen options; port 0 picks a free one.

    `behind_tls` trusts a proxy on this machine and those in `proxies`; with a certificate and key
    the server speaks TLS itself.
    """

    host: str
    port: int
    behind_tls: bool = False
    certificate: Path | None = None
    key: Path | None = None
    proxies: tuple[str, ...] = ()


def listen_on(centre: CentreConfig) -> Listen:
    """Return where and how a site's centre listens."""
    return Listen(
        host=centre.host,
        port=centre.port,
        behind_tls=centre.behind_tls,
        certificate=centre.certificate,
        key=centre.key,
        proxies=tuple(map(str, centre.proxies)),
    )


def serve(
    app: ASGIApp,
    listen: Listen,
    stop: threading.Event,
    *,
    listener: socket.socket | None = None,
    on_tick: Callable[[], None] = lambda: None,
    on_ready: Callable[[int], None] = lambda _: None,
    has_streams: bool = True,
) -> None:
    """Serve until `stop` is set, on `listener` if it is open already.

    `on_tick` is called on the event loop several times a second (liveness), `on_ready` once with
    the port. `has_streams`: streams are ended first. Raises `CannotListen`.
    """
    allow_many_files()  # a connection is one
    sys.setswitchinterval(SWITCH_S)
    ears = _Ears(stop, on_tick, on_ready, has_streams)
    with listening(listen) if listener is None else contextlib.nullcontext(listener) as opened:
        asyncio.run(_serve(app, listen, opened, ears))


@dataclass(frozen=True, slots=True)
class _Ears:
    stop: threading.Event
    on_tick: Callable[[], None]
    on_ready: Callable[[int], None]
    has_streams: bool


class _Server(uvicorn.Server):
    """Server that stops at once; uvicorn alone polls each tenth of a second."""

    def __init__(
        self,
        config: uvicorn.Config,
        protocol: type[BoundedProtocol],
        on_ready: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._protocol = protocol
        self._on_ready = on_ready
        self._reported = asyncio.Event()

    def end(self) -> None:
        """Take no more connections, finish the requests in work, and end."""
        self._protocol.is_over = True
        self.should_exit = True
        self._reported.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: the process handles signals."""
        yield

    async def main_loop(self) -> None:
        """Serve until the end, and refresh the date header each second."""
        self._on_ready()
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._reported.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close what is idle, and cut what is still in work after `FINISH_WITHIN_S`."""
        for server in self.servers:
            await stop_accepting(server)
        for listener in sockets or ():
            listener.close()
        uvicorn_state = self.server_state
        for connection in list(uvicorn_state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FINISH_WITHIN_S):
                while uvicorn_state.connections or uvicorn_state.tasks:
                    await asyncio.sleep(LOOK_S)
        if uvicorn_state.tasks:
            log.error(
                "%d requests were cut: not done in %s s", len(uvicorn_state.tasks), FINISH_WITHIN_S
            )
            for task in uvicorn_state.tasks:
                task.cancel()
            await asyncio.wait(uvicorn_state.tasks, timeout=CUT_WITHIN_S)
        for connection in uvicorn_state.connections:
            connection.transport.abort()
        await self.lifespan.shutdown()


async def _serve(app: ASGIApp, listen: Listen, listener: socket.socket, ears: _Ears) -> None:
    protocol = protocol_class()
    config = uvicorn.Config(
        app,
        http=protocol,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        proxy_headers=listen.behind_tls,
        ssl_certfile=listen.certificate,
        ssl_keyfile=listen.key,
        forwarded_allow_ips=["127.0.0.1", *listen.proxies],
        timeout_keep_alive=15,
        h11_max_incomplete_event_size=32 * 1024,
    )
    _load(config, listen)
    server = _Server(config, protocol, lambda: ears.on_ready(int(listener.getsockname()[1])))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    with _stop_future(ears.stop) as stopping:
        while not serving.done() and not ears.stop.is_set():
            ears.on_tick()
            await asyncio.wait((serving, stopping), timeout=TICK_S)
        if ears.has_streams:
            from thapcanh.app.centre.web.application import end_streams  # it takes seconds to load

            end_streams(cast("FastAPI", app))
        server.end()
        await serving


@contextlib.contextmanager
def _stop_future(stop: threading.Event) -> Iterator[asyncio.Future[None]]:
    """Yield a future that is done when `stop` is set, at the latest after the block."""
    loop = asyncio.get_running_loop()
    stopping: asyncio.Future[None] = loop.create_future()

    def wait() -> None:
        stop.wait()
        loop.call_soon_threadsafe(stopping.set_result, None)

    waiting = StoppableThread(wait, "stop-of-the-web", interrupt=stop.set)
    waiting.start()
    try:
        yield stopping
    finally:
        waiting.stop()


def _load(config: uvicorn.Config, listen: Listen) -> None:
    """Load the certificate now, so that a wrong one gives one clear error."""
    try:
        config.load()
    except (OSError, ValueError) as error:  # of ssl too
        if listen.certificate is None:
            raise
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CannotListen(f"certificate {listen.certificate}, key {listen.key}: {why}") from None


@contextlib.contextmanager
def listening(listen: Listen) -> Iterator[socket.socket]:
    """Open the port; raises `CannotListen`."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((listen.host, listen.port))
        except OSError as error:
            raise CannotListen(
                f"cannot listen on {listen.host}:{listen.port}: {error.strerror}"
            ) from None
        yield listener
    finally:
        listener.close()
