"""What goes on at a site all day: calls, incidents, who watches live, a receiver outside."""

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable

import httpx
from aiortc import RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from tests.app.live.watching import Peer
from tests.end_to_end.running_site import Desk

CALL_S = 15.0
WATCH_S = (20.0, 60.0)
_WATCHED = 50  # frames
_SDP = {"Content-Type": "application/sdp"}


def caller(taken: list[str]) -> Callable[[Desk, threading.Event], None]:
    """Takes a call each quarter of a minute; it opens an incident or joins one."""

    def turn(desk: Desk, stop: threading.Event) -> None:
        place = {"lat": 21.03 + random.uniform(-0.02, 0.02), "lon": 105.85, "text": "phố thử"}
        body = {"kind": "fire", "caller": "0912345678", "place": place, "words": "cháy nhà"}
        answer = desk.http.post("/api/v1/calls", json=body)
        answer.raise_for_status()
        taken.append(answer.json()["id"])
        stop.wait(CALL_S)

    return turn


def viewer(cameras: list[str], watched: list[int]) -> Callable[[Desk, threading.Event], None]:
    """Opens the live picture of one camera after another by WebRTC, watches, and leaves."""

    def turn(desk: Desk, stop: threading.Event) -> None:
        with contextlib.suppress(TimeoutError, MediaStreamError):
            asyncio.run(_watch(desk.http, random.choice(cameras)))
            watched.append(1)
        stop.wait(random.uniform(*WATCH_S))

    return turn


async def _watch(http: httpx.Client, camera: str) -> None:
    peer = Peer()
    try:
        path = f"/api/v1/cameras/{camera}/whep"
        answer = http.post(path, content=await peer.offer(), headers=_SDP)
        answer.raise_for_status()
        described = RTCSessionDescription(sdp=answer.text, type="answer")
        await peer.connection.setRemoteDescription(described)
        async with asyncio.timeout(30):
            await peer.frames(_WATCHED)
        http.delete(answer.headers["location"])
    finally:
        await peer.connection.close()
