"""Metadata track of an RTSP camera (`vnd.onvif.metadata`) as XML documents.

`interrupt` is thread-safe.
"""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.address_guard import AddressRefused
from thapcanh.ingest.errors import (
    CameraRefused,
    ConnectionBroken,
    Ended,
    Garbled,
    NoMetadata,
    NotFound,
    SourceError,
    Stalled,
    TransportRefused,
    Unanswered,
    Unauthorized,
    Unsupported,
)
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.libav_connection import named_open_error
from thapcanh.ingest.sources.registry import refused_address
from thapcanh.ingest.sources.rtp_documents import RtpDocuments
from thapcanh.ingest.sources.rtsp_answers import (
    RTSP_PORTS,
    STATUS,
    Challenge,
    bare,
    challenge_of,
    settled,
)
from thapcanh.ingest.sources.scheme import has_host, tidied
from thapcanh.ingest.sources.schemes.rtsp import line_to
from thapcanh.ingest.sources.tls_opening import far_end

ENCODING = "vnd.onvif.metadata"
SILENT_FOR_S = 60.0
"""Longest time in which nothing comes, not even the answer to a question."""
_REQUEST_EVERY_S = 15.0
_ANSWER_WITHIN_S = 8.0
_LEAVE_WITHIN_S = 1.0
_MOST_ANSWER = 64 << 10
_MOST_BYTES_A_S = 2 << 20
_CHUNK = 64 << 10
_END = b"\r\n\r\n"
_LENGTH = re.compile(r"^content-length:\s*(\d{1,6})\s*$", re.IGNORECASE | re.MULTILINE)
_SESSION = re.compile(r"^session:\s*([^;\s]+)", re.IGNORECASE | re.MULTILINE)
_BASE = re.compile(r"^content-base:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_CONTROL = re.compile(r"^a=control:\s*(\S+)", re.MULTILINE)
_ENCODING = re.compile(r"^a=rtpmap:\s*\d+\s+([^/\s]+)", re.MULTILINE)


@contextmanager
def open_metadata(url: SecretUrl, settings: OpenSettings) -> Iterator["MetadataTrack"]:
    """Open the metadata track. Raise `SourceError` within seconds."""
    url = tidied(url)
    shown = str(url)
    if url.scheme not in RTSP_PORTS:
        raise Unsupported(
            shown, problem="metadata comes by RTSP alone", way_out="leave metadata out"
        )
    try:
        has_host(url)
        far = far_end(url.reveal(), RTSP_PORTS[url.scheme], settings.guard)
        connect = partial(line_to, far, url, settings, settings.open_timeout_s)
        address = settled(url, connect, settings.open_timeout_s).address
        line = connect()
    except AddressRefused as refused:
        raise refused_address(refused, shown) from None
    except (OSError, ValueError) as error:
        is_late = isinstance(error, TimeoutError)
        raise named_open_error(error, url, timed_out=is_late) from None
    with line:
        track = MetadataTrack(line, address, shown)
        track.play()
        try:
            yield track
        finally:
            track.leave()


class _Answer(NamedTuple):
    head: str
    body: str

    @property
    def status(self) -> str:
        found = STATUS.search(f"{self.head}\n".encode("latin-1"))
        return (found[1] or b"").decode("latin-1") if found else ""


class MetadataTrack:
    """Metadata session, made by `open_metadata`. Its methods raise a `SourceError`."""

    def __init__(self, line: socket.socket, address: str, shown: str) -> None:
        parts = urlsplit(address)
        self._line = line
        self.shown = shown
        self._uri = bare(address)
        self._login = unquote(parts.username or ""), unquote(parts.password or "")
        self._challenge: Challenge | None = None
        self._session: str | None = None
        self._number = 0
        self._held = bytearray()
        self._second, self._bytes = 0.0, 0

    def interrupt(self) -> None:
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RD)

    def leave(self) -> None:
        """Close the session: cameras have few."""
        with suppress(SourceError):
            self._line.settimeout(_LEAVE_WITHIN_S)
            self._send("TEARDOWN", self._uri)

    def play(self) -> None:
        """Play the metadata track only."""
        described = self._asked("DESCRIBE", self._uri, "Accept: application/sdp")
        found = _BASE.search(described.head)
        base = found[1] if found else self._uri
        track = urljoin(f"{base.rstrip('/')}/", _control(described.body, self.shown))
        desired = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
        session = _SESSION.search(self._asked("SETUP", track, desired).head)
        self._session = session[1] if session else None
        self._asked("PLAY", base, "Range: npt=0.000-")

    def __iter__(self) -> Iterator[bytes]:
        """Yield the documents until an error."""
        building = RtpDocuments(self.shown)
        received = requested = time.monotonic()
        while True:
            for packet in self._packets():
                yield from building.take(packet)
            now = time.monotonic()
            if now - received > SILENT_FOR_S:
                raise Stalled(self.shown, problem="its metadata stopped")
            if now - requested >= _REQUEST_EVERY_S:
                requested = now
                self._send("GET_PARAMETER", self._uri)
            if self._receive(max(0.05, requested + _REQUEST_EVERY_S - now)):
                received = time.monotonic()

    def _packets(self) -> Iterator[bytes]:
        """Yield whole RTP packets; responses between them only show that the session lives."""
        while self._held:
            if self._held[0] != ord("$"):
                if self._answer() is None:
                    return
                continue
            end = 4 + int.from_bytes(self._held[2:4], "big")
            if len(self._held) < end:
                return
            channel, packet = self._held[1], bytes(self._held[4:end])
            del self._held[:end]
            if channel == 0:
                yield packet

    def _answer(self) -> _Answer | None:
        """Return the next response, or None if incomplete; drop packets before it."""
        while self._held.startswith(b"$"):  # some cameras send before they say that they will
            size = 4 + int.from_bytes(self._held[2:4], "big")
            if len(self._held) < size:
                return None
            del self._held[:size]
        if not self._held.startswith(b"RTSP/"[: len(self._held)]):
            raise Garbled(self.shown, problem="what it sends with its metadata is no RTSP")
        end = self._held.find(_END)
        head = self._held[: max(end, 0)].decode("latin-1").replace("\r", "")
        found = _LENGTH.search(head)
        whole = end + len(_END) + (int(found[1]) if found else 0)
        if max(whole, len(self._held) if end < 0 else 0) > _MOST_ANSWER:
            raise Garbled(self.shown, problem="its answer is too long")
        if end < 0 or len(self._held) < whole:
            return None
        body = self._held[end + len(_END) : whole].decode("latin-1").replace("\r", "")
        del self._held[:whole]
        return _Answer(head, body)

    def _asked(self, method: str, uri: str, *fields: str) -> _Answer:
        response = self._answered(method, uri, fields)
        if response.status == "401" and self._login[0] and self._challenge is None:
            self._challenge = challenge_of(response.head)
            response = self._answered(method, uri, fields) if self._challenge else response
        if response.status == "200":
            return response
        if response.status == "401":
            raise Unauthorized(self.shown)
        if response.status == "404":
            raise NotFound(self.shown)
        if response.status == "461":
            raise TransportRefused(
                self.shown,
                problem="it does not send its metadata by TCP",
                way_out="allow RTP over RTSP in the camera, or leave metadata out",
            )
        reported = f"it refused its metadata ({method}: {response.status[:20] or 'no status'})"
        raise CameraRefused(self.shown, problem=reported)

    def _answered(self, method: str, uri: str, fields: tuple[str, ...]) -> _Answer:
        self._send(method, uri, *fields)
        until = time.monotonic() + _ANSWER_WITHIN_S
        while True:
            response = self._answer() if self._held else None
            if response is not None:
                return response
            left_s = until - time.monotonic()
            if left_s <= 0:
                raise Unanswered(self.shown, problem="it does not answer for its metadata")
            self._receive(left_s)

    def _send(self, method: str, uri: str, *fields: str) -> None:
        self._number += 1
        lines = [f"{method} {uri} RTSP/1.0", f"CSeq: {self._number}", *fields]
        if self._session is not None:
            lines.append(f"Session: {self._session}")
        if self._challenge is not None:
            lines.append(f"Authorization: {self._challenge.answer(self._login, method, uri)}")
        try:
            self._line.sendall("\r\n".join([*lines, "", ""]).encode())
        except OSError:
            raise ConnectionBroken(self.shown) from None

    def _receive(self, within_s: float) -> bool:
        """Receive data; return whether something came. Limit the rate per second."""
        now = time.monotonic()
        if now - self._second >= 1.0:
            self._second, self._bytes = now, 0
        if self._bytes >= _MOST_BYTES_A_S:
            time.sleep(self._second + 1.0 - now)
        self._line.settimeout(within_s)
        try:
            piece = self._line.recv(_CHUNK)
        except TimeoutError:
            return False
        except OSError:
            raise ConnectionBroken(self.shown) from None
        if not piece:
            raise Ended(self.shown)
        self._bytes += len(piece)
        self._held += piece
        return True


def _control(description: str, shown: str) -> str:
    """Return the control address of the metadata track of an SDP."""
    compressed = False
    for media in description.split("\nm=")[1:]:
        encoding, control = _ENCODING.search(media), _CONTROL.search(media)
        name = encoding[1].lower() if encoding else ""
        if name == ENCODING and control is not None:
            return control[1]
        compressed |= name.startswith(ENCODING)
    if compressed:
        raise NoMetadata(
            shown,
            problem="its metadata is compressed, which is not read",
            way_out="set its metadata's compression to none",
        )
    raise NoMetadata(shown)
