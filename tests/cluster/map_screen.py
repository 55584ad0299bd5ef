"""A screen's map: listens to the stream, and asks what changed where the stream does not say."""

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, Self

FACTS = (
    "id,name,area,agency,lat,lon,bearing_deg,state,reason,detail,picture,since,worker,sees,"
    "ends_at,turns,moving"
)
_WITHIN_S = 180.0


class MapScreen:
    """One screen, as `app/web/src/desk/watch.svelte.ts` listens and asks."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port = port
        self._headers = {"Cookie": cookie}
        self._version: str | None = None
        self._stream = self._connected()
        self.states: dict[str, str] = {}
        self.first_answer_s = 0.0
        self.asked = 0

    def __enter__(self) -> Self:
        """Open the stream, then ask for everything, as a screen does that opens."""
        self._stream.request("GET", "/api/v1/stream", headers=self._headers)
        self._events = _events(self._stream.getresponse())
        began = time.monotonic()
        self._refresh()
        self.first_answer_s = time.monotonic() - began
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def until(self, wanted: Mapping[str, str]) -> float:
        """Follow the stream until the map shows these states; return that moment, UTC seconds."""
        deadline = time.time() + _WITHIN_S
        for name, data in self._events:
            if name == "cameras" and self._version in data["after"]:
                self._take(data)
            elif name == "heartbeat" and data["cameras_version"] != self._version:
                self._refresh()
            if all(self.states.get(camera) == state for camera, state in wanted.items()):
                return time.time()
            if time.time() > deadline:
                break
        raise TimeoutError(f"the map does not show it within {_WITHIN_S:.0f} s")

    def _refresh(self) -> None:
        query = f"?fields={FACTS}" + (f"&since={self._version}" if self._version else "")
        self.asked += 1
        with closing(self._connected()) as connection:
            connection.request("GET", f"/api/v1/cameras{query}", headers=self._headers)
            self._take(json.loads(connection.getresponse().read()))

    def _take(self, told: Mapping[str, Any]) -> None:
        self.states.update({one["id"]: one["state"] for one in told["items"]})
        self._version = told["version"]

    def _connected(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=_WITHIN_S)


def _events(stream: http.client.HTTPResponse) -> Iterator[tuple[str, Any]]:
    """Name and data of each event about cameras."""
    name = ""
    while text := stream.readline():
        line = text.decode().rstrip()
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: ") and name in ("cameras", "heartbeat"):
            yield name, json.loads(line[6:])
