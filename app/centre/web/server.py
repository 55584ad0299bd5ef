"""Runs an app on a port until `stop`, on the calling thread; open streams never delay the end."""

import asyncio
import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from app.centre.web.application import end_streams
from app.process.open_files import allow_many_files
from app.web_api.middleware.http_protocol import protocol_class

TICK_S = 0.1
SWITCH_S = 0.001  # of threads; at 5 ms, Python's own, the loop waits 5 ms for each that computes
FINISH_WITHIN_S = 5  # a request that is still in work then is cut


class CannotListen(Exception):
    """The port cannot be had; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where to listen; port 0 takes a free one.

    `behind_tls` trusts a proxy on this machine, and those in `proxies`; with a certificate and its
    key we speak TLS ourselves.
    """

    host: str
    port: int
    behind_tls: bool = False
    certificate: Path | None = None
    key: Path | None = None
    proxies: tuple[str, ...] = ()


def serve(
    app: FastAPI,
    listen: Listen,
    stop: threading.Event,
    *,
    on_tick: Callable[[], None] = lambda: None,
    on_ready: Callable[[int], None] = lambda _: None,
) -> None:
    """Serve until `stop` is set.

    `on_tick` is called on the event loop several times a second (a sign that it lives), `on_ready`
    once with the port. Raises `CannotListen`.
    """
    allow_many_files()  # a connection is one
    sys.setswitchinterval(SWITCH_S)
    with _listening(listen) as listener:
        asyncio.run(_serve(app, listen, listener, _Ears(stop, on_tick, on_ready)))


@dataclass(frozen=True, slots=True)
class _Ears:
    stop: threading.Event
    on_tick: Callable[[], None]
    on_ready: Callable[[int], None]


class _Server(uvicorn.Server):
    """Signals are the process's business, not the web server's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(app: FastAPI, listen: Listen, listener: socket.socket, ears: _Ears) -> None:
    config = uvicorn.Config(
        app,
        http=protocol_class(),
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        proxy_headers=listen.behind_tls,
        ssl_certfile=listen.certificate,
        ssl_keyfile=listen.key,
        forwarded_allow_ips=["127.0.0.1", *listen.proxies],
        timeout_graceful_shutdown=FINISH_WITHIN_S,
        timeout_keep_alive=15,
        h11_max_incomplete_event_size=32 * 1024,
    )
    _load(config, listen)
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    told_ready = False
    while not serving.done() and not ears.stop.is_set():
        if server.started and not told_ready:
            told_ready = True
            ears.on_ready(int(listener.getsockname()[1]))
        ears.on_tick()
        await asyncio.wait((serving,), timeout=TICK_S if told_ready else 0.02)
    end_streams(app)
    server.should_exit = True
    await serving


def _load(config: uvicorn.Config, listen: Listen) -> None:
    """Read the certificate now, so that a wrong one is one clear line."""
    try:
        config.load()
    except (OSError, ValueError) as error:  # of ssl too
        if listen.certificate is None:
            raise
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CannotListen(f"certificate {listen.certificate}, key {listen.key}: {why}") from None


@contextlib.contextmanager
def _listening(listen: Listen) -> Iterator[socket.socket]:
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
