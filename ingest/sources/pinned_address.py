"""Relay to one address that a camera's redirects cannot leave."""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial

from thapcanh.config.camera import Transport
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.address_guard import Endpoint
from thapcanh.ingest.errors import SourceError
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.libav_connection import AvConnection, named_open_error
from thapcanh.ingest.sources.probe import ProbeReport, probe
from thapcanh.ingest.sources.rtsp_answers import BEGINNING, REDIRECT, RTSP_PORTS, STATUS, settled
from thapcanh.ingest.sources.rtsp_transports import opened
from thapcanh.ingest.sources.schemes.rtsp import played_by
from thapcanh.ingest.sources.tls_opening import far_end, near_address
from thapcanh.ingest.sources.what_speaks import what_speaks

CONNECT_WITHIN_S = 8.0
_CHUNK_BYTES = 64 * 1024
_LONGEST_LINE_BYTES = 8192  # libav reads no longer one
_CUT_SHORT = re.compile(rb"R\r*(?:T\r*(?:S\r*(?:P\r*)?)?)?\Z")


class RedirectRefused(Exception):
    """Redirect by the camera, which is not followed."""


class RedirectGuard:
    """Filter that passes a camera's bytes until a response redirects.

    A possible start of a status line is held until it is complete.
    """

    def __init__(self) -> None:
        self._held = b""

    def passed(self, data: bytes) -> bytes:
        """Return the bytes to pass on. Raise `RedirectRefused`."""
        data = self._held + data
        for status in STATUS.finditer(data):
            if REDIRECT.match(status[1] or b""):
                raise RedirectRefused
        at = self._unfinished_from(data)
        if len(data) - at > _LONGEST_LINE_BYTES:
            raise RedirectRefused  # no camera's, and not to be waited for
        self._held = data[at:]
        return data[:at]

    def rest(self) -> bytes:
        return self._held

    @staticmethod
    def _unfinished_from(data: bytes) -> int:
        """Return the start of an incomplete status line, or the end of the data."""
        for beginning in BEGINNING.finditer(data):
            if not STATUS.match(data, beginning.start()):
                return beginning.start()
        cut_short = _CUT_SHORT.search(data)
        return len(data) if cut_short is None else cut_short.start()


def probe_only_there(url: SecretUrl) -> ProbeReport:
    """`probe`, without being led away from the host of `url`, which is an address in digits."""
    if url.scheme != "rtsp":
        return probe(url)
    settings = OpenSettings()
    far = far_end(url.reveal(), RTSP_PORTS["rtsp"], settings.guard)
    try:
        found = settled(url, partial(far.connect, CONNECT_WITHIN_S), CONNECT_WITHIN_S)
    except (OSError, SourceError) as error:
        named = _named(error, url)
        return ProbeReport(url=str(url), ok=False, error=str(named), reason=named.reason)
    report = probe(url, open_with=lambda one: _opened_only_there(far, one, settings, found.address))
    if not report.ok and (better := what_speaks(url, settings.guard)) is not None:
        report = replace(report, error=str(better), reason=better.reason)
    return report


def _opened_only_there(
    far: Endpoint, url: SecretUrl, settings: OpenSettings, address: str
) -> AvConnection:
    """Open it through a relay for each try, which is closed with the connection."""

    def play(transport: Transport, within_s: float) -> AvConnection:
        try:
            with ExitStack() as stack:
                near = near_address(address, "rtsp", stack.enter_context(only_to(far)))
                connection = played_by(url, settings, near, transport, within_s)
                connection.close_with_it(stack.pop_all())
                return connection
        except OSError as error:
            raise _named(error, url) from None

    return opened(url, settings, play)


def _named(error: OSError | SourceError, url: SecretUrl) -> SourceError:
    if isinstance(error, SourceError):
        return error
    return named_open_error(error, url, timed_out=isinstance(error, TimeoutError))


@contextmanager
def only_to(far: Endpoint) -> Iterator[int]:
    """Yield the port on 127.0.0.1 of a relay to this address, until the block ends.

    Raise `OSError` if the camera is not reachable.
    """
    camera = far.connect(CONNECT_WITHIN_S)
    with camera, socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=_serve, args=(door, camera), name="relay", daemon=True)
        thread.start()
        try:
            yield int(door.getsockname()[1])
        finally:
            _end(door)
            _end(camera)
            thread.join(CONNECT_WITHIN_S)


def _serve(door: socket.socket, camera: socket.socket) -> None:
    with contextlib.suppress(OSError):
        caller, _ = door.accept()
        door.close()
        with caller:
            camera.settimeout(None)
            asking = threading.Thread(target=_pass_on, args=(caller, camera), daemon=True)
            asking.start()
            _answer(camera, caller)
            _end(caller)
            _end(camera)
            asking.join(CONNECT_WITHIN_S)


def _pass_on(caller: socket.socket, camera: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := caller.recv(_CHUNK_BYTES):
            camera.sendall(data)


def _answer(camera: socket.socket, caller: socket.socket) -> None:
    gate = RedirectGuard()
    with contextlib.suppress(OSError, RedirectRefused):
        while data := camera.recv(_CHUNK_BYTES):
            caller.sendall(gate.passed(data))
        caller.sendall(gate.rest())


def _end(line: socket.socket) -> None:
    """Wake the thread that reads from it."""
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
