"""`python -m benchmarks.messages`: an hour of 10,000 messages, and the desk beside it.

Six of ten tell of one of twenty events in words of their own, with or without a place; the others
of something else each. They are received as fast as the archive takes them; in between a desk
lists what waits, takes calls and asks what is near, as every desk does every five seconds.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.harness import results_file
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown, quantile
from thapcanh.alerts.calls.call_store import CallRepository
from thapcanh.alerts.calls.citizen_answers import CitizenAnswers
from thapcanh.alerts.calls.citizen_message_store import CitizenMessageRepository
from thapcanh.alerts.calls.citizen_messages import AcceptMessage, MessageOutcome, NewMessage
from thapcanh.alerts.incidents.calls import CallKind, NewCall
from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.roles import EVERYTHING, Actor, Role

MESSAGES, EVENTS, DESK_EVERY = 10_000, 20, 50
NOW, HOUR_S = 1_900_000_000.0, 3600.0
OFFICER = Actor(username="an", name="An", role=Role.OPERATOR)
STREETS = ("Hàng Bài", "Tràng Tiền", "Đê La Thành", "Lò Đúc", "Quảng An", "Kim Mã", "Láng Hạ")
FILE_MESSAGES = (
    "cháy lớn ở",
    "đang cháy to lắm ở",
    "khói đen bốc lên ở",
    "cháy nhà ở",
    "có cháy ở",
)
_Done = TypeVar("_Done")
OTHER = ("xe máy", "va chạm", "ngập nước", "cây đổ", "mất điện", "đánh nhau", "kẹt xe", "ồn ào")


def main(arguments: Sequence[str] | None = None) -> int:
    """Receive, measure, and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.messages")
    parser.add_argument("--url", help="an empty PostgreSQL database")
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--name", default="messages", help="of the results' files")
    asked = parser.parse_args(arguments)
    chance = random.Random(7)  # noqa: S311 made data
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(asked.url or sqlite_url(Path(folder) / "archive.sqlite"))
        times, found = _hour(archive, asked.messages, chance)
        archive.close()
    rows = [
        (name, f"{quantile(one, 0.5):.1f}", f"{quantile(one, 0.95):.1f}", f"{max(one):.1f}")
        for name, one in times.items()
    ]
    table = markdown(("what", "median ms", "p95 ms", "longest ms"), rows)
    content: dict[str, Any] = {
        "machine": machine(),
        "versions": versions(),
        "messages": asked.messages,
        **found,
        "p95_ms": {name: round(quantile(one, 0.95), 2) for name, one in times.items()},
    }
    results_file.write(asked.name, content, table)
    sys.stdout.write(table)
    return 0


def _hour(
    archive: Archive, count: int, chance: random.Random
) -> tuple[dict[str, list[float]], dict[str, Any]]:
    messages, calls = CitizenMessageRepository(archive.database), CallRepository(archive.database)
    answers = CitizenAnswers(archive.database)
    times: dict[str, list[float]] = defaultdict(list)
    places = [_point(chance) for _ in range(EVENTS)]
    began = time.perf_counter()
    for number in range(count):
        now = NOW + HOUR_S * number / count
        new = _message(number, now, places, chance)
        _timed(times["receive a message"], partial(messages.receive, new, now))
        if number % DESK_EVERY == 0:
            call = _call(chance)
            _timed(times["list what waits"], lambda: messages.waiting(EVERYTHING, 30))
            _timed(times["take a call by telephone"], partial(calls.add, OFFICER, call, now))
    took_s = time.perf_counter() - began
    events, waiting = messages.waiting(EVERYTHING, 100)
    largest = max(events, key=lambda one: one.count)
    take = AcceptMessage(message_id=largest.id, kind=CallKind.FIRE, until=largest.last_at)
    answer = _timed(
        times["answer the largest event"], lambda: answers.take(OFFICER, take, NOW + HOUR_S)
    )
    if answer.outcome is not MessageOutcome.DONE:
        raise SystemExit(f"the largest event was not answered: {answer}")
    found = {
        "received_a_second": round(count / took_s, 1),
        "waiting": waiting,
        "of_the_largest_event": len(answer.answered),
    }
    return times, found


def _timed(times: list[float], work: Callable[[], _Done]) -> _Done:
    began = time.perf_counter()
    done = work()
    times.append((time.perf_counter() - began) * 1000)
    return done


def _message(
    number: int, at: float, places: Sequence[tuple[float, float]], chance: random.Random
) -> NewMessage:
    if chance.random() < 0.6:
        event = chance.randrange(EVENTS)
        lat, lon = places[event]
        near = (lat + chance.gauss(0, 0.0005), lon + chance.gauss(0, 0.0005))
        point = near if chance.random() < 0.7 else None
        text = f"{chance.choice(FILE_MESSAGES)} {STREETS[event % len(STREETS)]} số {event}"
    else:
        point = _point(chance) if chance.random() < 0.5 else None
        text = f"{chance.choice(OTHER)} {chance.choice(OTHER)} {chance.randrange(10**6)}"
    return NewMessage(
        gateway="token:zalo",
        channel="zalo",
        ref=str(number),
        sender=f"{chance.randrange(8000):064x}",
        text=text,
        place=IncidentPlace() if point is None else IncidentPlace(lat=point[0], lon=point[1]),
        is_misplaced=False,
        at=at,
        agency=None,
        area=None,
    )


def _call(chance: random.Random) -> NewCall:
    lat, lon = _point(chance)
    return NewCall(
        kind=CallKind.TRAFFIC,
        line="113",
        caller=f"09{chance.randrange(10**8):08}",
        place=IncidentPlace(text=chance.choice(STREETS), lat=lat, lon=lon),
        said="va chạm",
        agency=None,
        area=None,
    )


def _point(chance: random.Random) -> tuple[float, float]:
    return 20.95 + chance.random() * 0.15, 105.75 + chance.random() * 0.15


if __name__ == "__main__":
    sys.exit(main())
