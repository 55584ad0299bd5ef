"""A screen that must not miss a change, and an officer who answers alerts, both through it all."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from uuid6 import uuid7

from tests.end_to_end.running_site import Desk

RETRY_S = 0.3
READ_S = 25.0  # a screen says "no connection" after this


@dataclass(slots=True)
class Seen:
    """What the screen saw: change numbers, and the spans that it was told it had missed."""

    first: int | None = None
    last: int = 0
    seqs: set[int] = field(default_factory=set)
    excused: list[tuple[int, int]] = field(default_factory=list)
    connections: int = 0

    def note(self, name: str, seq: int) -> None:
        if self.first is None:
            self.first = seq
        if name == "gap":
            self.excused.append((self.last, seq))
        if name in ("change", "incident"):  # alerts' and incidents' changes share one sequence
            self.seqs.add(seq)
        self.last = seq if name == "gap" else max(self.last, seq)

    def missed(self, newest: int) -> list[int]:
        """Changes after the first word that it neither saw nor was told to have missed."""
        if self.first is None:
            return [newest]
        told = set(self.seqs)
        for after, to in self.excused:
            told |= set(range(after + 1, to + 1))
        return [seq for seq in range(self.first + 1, newest + 1) if seq not in told]


class Person:
    """Someone at a desk; `turn` is repeated until `stop`, whatever the network does."""

    def __init__(self, url: str, turn: Callable[[Desk, threading.Event], None], name: str) -> None:
        self._url = url
        self._turn = turn
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(READ_S + 5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with Desk(self._url) as desk:
                    while not self._stopping.is_set():
                        self._turn(desk, self._stopping)
            except (httpx.HTTPError, ValueError, KeyError):
                self._stopping.wait(RETRY_S)


def reader(seen: Seen) -> Callable[[Desk, threading.Event], None]:
    """Reads the stream as a browser does: reconnects with the last id that it had."""

    def turn(desk: Desk, stop: threading.Event) -> None:
        headers = {} if seen.first is None else {"Last-Event-ID": str(seen.last)}
        with desk.http.stream("GET", "/api/v1/stream", headers=headers, timeout=READ_S) as answer:
            answer.raise_for_status()
            seen.connections += 1
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                if stop.is_set():
                    return
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif "id" in fields:
                    seen.note(fields["event"], int(fields["id"]))
                    fields = {}
        stop.wait(RETRY_S)

    return turn


def officer(done: list[str]) -> Callable[[Desk, threading.Event], None]:
    """Takes, confirms and closes alerts; repeats an unanswered command with its key."""

    def turn(desk: Desk, stop: threading.Event) -> None:
        for alert in desk.alerts(limit="20"):
            if stop.is_set():
                return
            if random.random() > 0.2:
                continue
            for action in ("acknowledge", "confirm", "close"):
                key = str(uuid7())
                answer = _insist(desk, alert, action, key, stop)
                if answer is None or answer.status_code != 200:
                    break
                done.append(key)
                alert = answer.json()  # noqa: PLW2901 - the alert goes on
        stop.wait(1.0)

    return turn


def _insist(
    desk: Desk, alert: dict[str, object], action: str, key: str, stop: threading.Event
) -> httpx.Response | None:
    """The answer to a command, sent with one key until there is one."""
    headers = {"Idempotency-Key": key, "If-Match": str(alert["version"])}
    deadline = time.monotonic() + 60.0
    while not stop.is_set() and time.monotonic() < deadline:
        try:
            answer = desk.http.post(
                f"/api/v1/alerts/{alert['id']}/{action}", json={}, headers=headers
            )
            if answer.status_code < 500:
                return answer
        except httpx.TransportError:
            pass
        stop.wait(RETRY_S)
    return None
