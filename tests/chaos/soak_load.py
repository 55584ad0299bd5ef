"""What goes on at a site all day: calls, incidents, who watches live, a receiver outside."""

import asyncio
import contextlib
import random
import threading
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import httpx
from aiortc import RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from uuid6 import uuid7

from tests.app.live.watching import Peer
from tests.end_to_end.running_site import Desk

CALL_S = 15.0
WATCH_S = (20.0, 60.0)
_WATCHED = 50  # frames
_CLOSES_EVERY_S = 20.0
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


def controller(closed: list[str]) -> Callable[[Desk, threading.Event], None]:
    """Closes incidents, the newest first; some stay open."""

    def turn(desk: Desk, stop: threading.Event) -> None:
        stop.wait(_CLOSES_EVERY_S)
        answer = desk.http.get("/api/v1/incidents", params={"open": "true", "limit": "10"})
        answer.raise_for_status()
        for one in answer.json()["items"][:-1]:
            headers = {"Idempotency-Key": str(uuid7()), "If-Match": str(one["version"])}
            path = f"/api/v1/incidents/{one['id']}/close"
            if desk.http.post(path, headers=headers, json={"disposition": "handled"}).is_success:
                closed.append(one["id"])

    return turn


class Disk:
    """What the site keeps in folders, looked at again and again: how much, and how much it freed.

    A folder that gets smaller between two looks was tidied by that much at least.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._held: dict[str, list[float]] = {folder.name: [] for folder in folders}

    def look(self) -> None:
        for folder in self._folders:
            held = 0
            for path in folder.rglob("*"):
                with contextlib.suppress(OSError):  # gone meanwhile
                    held += path.stat().st_size if path.is_file() else 0
            self._held[folder.name].append(held / 1e6)

    def told(self) -> dict[str, dict[str, float]]:
        """Of each folder, the most that was there and what was freed together (MB)."""
        return {
            name: {
                "most_mb": round(max(held, default=0.0), 1),
                "freed_mb": round(sum(max(0.0, a - b) for a, b in pairwise(held)), 1),
            }
            for name, held in self._held.items()
        }


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
