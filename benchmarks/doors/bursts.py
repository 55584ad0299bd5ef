"""Bursts at the doors that need no account, or one: streams, begun logins, pairings, ports, media.

Each goes on until a moment, as the attacks do, and counts its answers.
"""

import asyncio
import contextlib
import io
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from fractions import Fraction
from functools import cache

from benchmarks.doors.attacks import Target
from benchmarks.doors.requests import HOST, answer, connection

_STREAM = "/api/v1/stream"
_FILM_WAITS_S = 2.0  # then the caller hangs up, and sends the next one
_PICTURES = 60_000
_SIDE_PX = 12_500  # of a picture of 156 megapixels


async def _in_parallel(target: Target, once: Callable[[int, int], Awaitable[str]]) -> Counter[str]:
    """Do it again and again in parallel, each time with its number and how often it was done."""
    got: Counter[str] = Counter()

    async def one(number: int) -> None:
        turn = 0
        while time.monotonic() < target.until:
            with contextlib.suppress(OSError):
                got[await once(number, turn)] += 1
            turn += 1

    await asyncio.gather(*(one(number) for number in range(target.count)))
    return got


async def anonymous_streams(target: Target) -> Counter[str]:
    """Ask for the stream without a cookie."""
    return await _in_parallel(target, lambda _n, _t: answer(target.port, "GET", _STREAM))


async def invented_cookies(target: Target) -> Counter[str]:
    """Ask for the alerts with sessions that never were."""

    def once(number: int, turn: int) -> Awaitable[str]:
        cookie = f"thapcanh_session={number:08d}{turn:035d}"
        return answer(target.port, "GET", "/api/v1/alerts", cookie=cookie)

    return await _in_parallel(target, once)


async def streams_of_accounts(target: Target) -> Counter[str]:
    """Open streams of one's own account and hold each to the end, or ask again."""

    async def once(number: int, _: int) -> str:
        cookie = target.cookies[number % len(target.cookies)]
        head = f"GET {_STREAM} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n"
        async with connection(target.port) as (reader, writer):
            writer.write(head.encode())
            return await _read_until(reader, target.until)

    return await _in_parallel(target, once)


async def _read_until(reader: asyncio.StreamReader, until: float) -> str:
    """The status, once the answer is over or so long as it lasts."""
    first = b""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(0.01, until - time.monotonic())):
            first = await reader.read(4096)
            if first[9:12] == b"200":
                while await reader.read(1 << 16):
                    pass
    return first[9:12].decode() or "nothing"


async def begun_logins(target: Target) -> Counter[str]:
    """Begin logins by the provider."""
    return await _in_parallel(
        target, lambda _n, _t: answer(target.port, "GET", "/api/v1/oidc/login")
    )


async def pairings(target: Target) -> Counter[str]:
    """Ask for walls' digits from many addresses, four of each and more."""

    def once(number: int, turn: int) -> Awaitable[str]:
        from_host = f"127.0.1.{1 + (number + turn * target.count) % 60}"
        return answer(target.port, "POST", "/api/v1/walls/pairing", from_host=from_host)

    return await _in_parallel(target, once)


async def silent_units(target: Target) -> Counter[str]:
    """Connect to the units' port and say nothing."""
    return await _silent(target, int(target.doors["units"]))


async def silent_panels(target: Target) -> Counter[str]:
    """The same at the panels' port."""
    return await _silent(target, int(target.doors["panels"]))


async def _silent(target: Target, port: int) -> Counter[str]:
    async def once(_number: int, _turn: int) -> str:
        async with connection(port) as (reader, _):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.01, target.until - time.monotonic())):
                    await reader.read(1)
                    await asyncio.sleep(0.2)
                    return "closed"
            return "held to the end"

    return await _in_parallel(target, once)


async def slow_photos(target: Target) -> Counter[str]:
    """Send photos of nobody's link one byte at a time, from three addresses."""
    head = (
        f"POST /api/v1/caller/nobodys/media HTTP/1.1\r\nHost: {HOST}\r\n"
        "Content-Type: image/jpeg\r\nContent-Length: 5000000\r\n\r\nx"
    )

    async def once(number: int, _: int) -> str:
        async with connection(target.port, f"127.0.2.{1 + number % 3}") as (reader, writer):
            writer.write(head.encode())
            while time.monotonic() < target.until:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        told = await reader.read(4096)
                        await asyncio.sleep(0.2)
                        return told[9:12].decode() or "closed"
                writer.write(b"x")
            return "held to the end"

    return await _in_parallel(target, once)


async def unreadable_films(target: Target) -> Counter[str]:
    """One caller's films that cost long and come to nothing; he hangs up each time."""
    film = await asyncio.to_thread(broken_film)
    return await _sent_by_caller(target, film)


async def vast_pictures(target: Target) -> Counter[str]:
    """One caller's pictures of 156 megapixels in some 455 KB."""
    picture = await asyncio.to_thread(vast_picture)
    return await _sent_by_caller(target, picture)


async def _sent_by_caller(target: Target, content: bytes) -> Counter[str]:
    path, cookie = target.doors["callers"][0], target.doors["claims"][0]

    def once(_number: int, _turn: int) -> Awaitable[str]:
        return answer(
            target.port, "POST", f"{path}/media", body=content, cookie=cookie,
            give_up_s=_FILM_WAITS_S, from_host="127.0.3.1",
        )  # fmt: skip

    return await _in_parallel(target, once)


@cache
def vast_picture() -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        size, crc = len(content), zlib.crc32(checked)
        return size.to_bytes(4, "big") + checked + crc.to_bytes(4, "big")

    side = _SIDE_PX.to_bytes(4, "big")
    packer = zlib.compressobj(6)
    rows = b"".join(packer.compress(bytes(1 + 3 * _SIDE_PX)) for _ in range(_SIDE_PX))
    head = chunk(b"IHDR", side + side + b"\x08\x02\x00\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows + packer.flush()) + chunk(b"IEND", b"")


@cache
def broken_film() -> bytes:
    """A film whose sixty thousand pictures are all of one moment: decoded whole, it is none."""
    import av
    import numpy as np

    picture = np.full((1080, 1920, 3), 90, np.uint8)
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=1000)
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        stream.options = {"preset": "ultrafast", "bf": "0", "g": "60"}
        stream.time_base = Fraction(1, 1_000_000)
        group = []
        for _ in range(60):
            group += stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24"))
        group += stream.encode(None)
        bodies = [(bytes(packet), packet.is_keyframe) for packet in group]
        for number in range(_PICTURES):
            body, is_key = bodies[number % len(bodies)]
            packet = av.Packet(body)
            packet.stream, packet.time_base = stream, Fraction(1, 1_000_000)
            packet.pts = packet.dts = number
            packet.is_keyframe = is_key
            container.mux(packet)
    return written.getvalue()
