"""RTSP requests and replies as data (RFC 2326), read from and written to a stream of bytes.

`read_request` skips interleaved RTCP that clients send and raises `BadRequest` for what is no
RTSP; every length is bounded. It speaks no policy: what a request means is the session's matter.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MAX_HEADER_LINES = 64
MAX_BODY_BYTES = 64 * 1024
TRACK = "track1"

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    459: "Aggregate Operation Not Allowed",
    461: "Unsupported Transport",
    501: "Not Implemented",
    505: "RTSP Version Not Supported",
}


class BadRequest(Exception):
    """The bytes are no RTSP request; the connection cannot go on after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; header names in lower case."""

    method: str
    uri: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def camera_name(self) -> str:
        """The path of the URI, without the track: `rtsp://host:8554/front/track1` is `front`."""
        try:
            path = urlsplit(self.uri).path.strip("/")
        except ValueError as error:  # half an IPv6 address
            raise BadRequest(f"no URI: {self.uri[:80]!r}") from error
        return path.removesuffix(TRACK).strip("/")

    def header(self, name: str) -> str:
        """Return a header's value; empty where it is missing."""
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply; `CSeq` is added when it is written."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""

    def to_bytes(self, cseq: str) -> bytes:
        body = self.body.encode()
        lines = [f"RTSP/1.0 {self.status} {REASONS[self.status]}", f"CSeq: {cseq or '0'}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if body:
            lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request, or None when the client has closed the connection."""
    try:
        line = await _first_line(reader)
        if line is None:
            return None
        headers = await _headers(reader)
        await reader.readexactly(_body_length(headers))
    except asyncio.IncompleteReadError:
        return None
    except ValueError as error:  # a line longer than the reader's limit, or no text
        raise BadRequest(str(error)) from error
    words = line.split(" ")
    if len(words) != 3 or not words[2].startswith("RTSP/"):
        raise BadRequest("not a request line")
    return Request(method=words[0].upper(), uri=words[1], headers=headers)


async def _first_line(reader: asyncio.StreamReader) -> str | None:
    """Return the first line, skipping interleaved packets and blank lines."""
    while True:
        first = await reader.readexactly(1)
        if first == b"$":
            length = int.from_bytes((await reader.readexactly(3))[1:], "big")
            await reader.readexactly(length)
            continue
        rest = await reader.readline()
        if not rest.endswith(b"\n") and first != b"\n":
            return None
        line = (first + rest).decode().strip() if first != b"\n" else ""
        if line:
            return line


async def _headers(reader: asyncio.StreamReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(MAX_HEADER_LINES):
        line = (await reader.readline()).decode().strip()
        if not line:
            return headers
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequest(f"no header: {line[:40]!r}")
        headers[name.strip().lower()] = value.strip()
    raise BadRequest("too many headers")


def _body_length(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "0")
    if not text.isdecimal() or int(text) > MAX_BODY_BYTES:
        raise BadRequest(f"Content-Length {text[:20]!r}")
    return int(text)
