"""`python -m benchmarks.incidents`: intake, search and suggestion in an archive of five years.

200,000 calls and 25,000 incidents of one city, then what a desk does: take calls, search, and ask
what may be the same. Writes a table; the aim is 200 ms in the 95th percentile. With `--url` it uses
an empty PostgreSQL database instead of an SQLite file.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.harness import results_file
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown, quantile
from thapcanh.alerts.calls.call_store import CallFilter, CallRepository
from thapcanh.alerts.incidents.calls import CallKind, NewCall
from thapcanh.alerts.incidents.incident_tables import call, incident, incident_member, incident_step
from thapcanh.alerts.incidents.kinds import GROUPS, ClassGroup, IncidentKind
from thapcanh.alerts.incidents.records import IncidentFilter, IncidentPlace
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.incidents.suggestion import Happening
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.roles import EVERYTHING, Actor, Role

CALLS, INCIDENTS, ROUNDS = 200_000, 25_000, 300
NOW = 1_900_000_000.0
YEARS_S = 5 * 365 * 86_400.0
STREETS = ("Hàng Bài", "Tràng Tiền", "Đê La Thành", "Lò Đúc", "Quảng An", "Kim Mã", "Láng Hạ")
OFFICER = Actor(username="an", name="An", role=Role.OPERATOR)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill an archive, measure, and write the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.incidents", description=__doc__)
    parser.add_argument("--url", help="an empty PostgreSQL database")
    parser.add_argument("--name", default="incidents", help="of the results' files")
    asked = parser.parse_args(arguments)
    chance = random.Random(7)  # noqa: S311 made data
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(asked.url or sqlite_url(Path(folder) / "archive.sqlite"))
        _fill(archive, chance)
        measured = {name: _timed(work) for name, work in _works(archive, chance).items()}
        archive.close()
    rows = [
        (name, f"{quantile(times, 0.5):.1f}", f"{quantile(times, 0.95):.1f}", f"{max(times):.1f}")
        for name, times in measured.items()
    ]
    table = markdown(("what", "median ms", "p95 ms", "longest ms"), rows)
    content: dict[str, Any] = {
        "machine": machine(),
        "versions": versions(),
        "calls": CALLS,
        "incidents": INCIDENTS,
        "rounds": ROUNDS,
        "p95_ms": {name: round(quantile(times, 0.95), 2) for name, times in measured.items()},
    }
    results_file.write(asked.name, content, table)
    sys.stdout.write(table)
    return 0


def _works(archive: Archive, chance: random.Random) -> dict[str, Callable[[], object]]:
    calls, incidents = CallRepository(archive.database), IncidentRepository(archive.database)

    def take() -> object:
        new = NewCall(
            kind=chance.choice((CallKind.FIRE, CallKind.TRAFFIC, CallKind.CRIME)),
            line="113",
            caller=f"09{chance.randrange(10**8):08}",
            place=IncidentPlace(text=chance.choice(STREETS), lat=_lat(chance), lon=_lon(chance)),
            said="khói ở tầng 3",
            agency=None,
            area=None,
        )
        return calls.add(OFFICER, new, NOW)

    def suggest() -> object:
        place = (_lat(chance), _lon(chance))
        told = Happening(id="", group=ClassGroup.BURNING, position=place, since=NOW, until=NOW)
        return incidents.near(told, EVERYTHING)

    return {
        "take a call": take,
        "what a number said before": lambda: calls.history(
            f"09{chance.randrange(10**6):08}", NOW, EVERYTHING
        ),
        "search calls, frequent word": lambda: calls.page(CallFilter(words=("hang",))),
        "search calls, rare word, one year": lambda: calls.page(
            CallFilter(words=(f"{chance.randrange(CALLS)}x",), since=NOW - 366 * 86_400.0)
        ),
        "search calls, rare word": lambda: calls.page(
            CallFilter(words=(f"{chance.randrange(CALLS)}x",))
        ),
        "open incidents": lambda: incidents.page(IncidentFilter(open_only=True)),
        "search incidents, rare word": lambda: incidents.page(
            IncidentFilter(words=(f"{chance.randrange(INCIDENTS)}x",))
        ),
        "suggest": suggest,
    }


def _timed(work: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return times


def _fill(archive: Archive, chance: random.Random) -> None:
    with archive.database.writing() as connection:
        for first in range(0, CALLS, 10_000):
            rows = [_call(number, chance) for number in range(first, first + 10_000)]
            connection.execute(sa.insert(call), rows)
        for first in range(0, INCIDENTS, 5_000):
            rows = [_incident(number, chance) for number in range(first, first + 5_000)]
            connection.execute(sa.insert(incident), rows)
            steps = [
                {"incident_id": row["id"], "step": "open", "at": row["opened_at"], "by": "an"}
                for row in rows
            ]
            connection.execute(sa.insert(incident_step), steps)
            connection.execute(sa.insert(incident_member), [_member(row) for row in rows])


def _call(number: int, chance: random.Random) -> dict[str, Any]:
    street = chance.choice(STREETS)
    return {
        "id": f"call-{number}", "number": f"113-{number:06}", "year": 2020, "line": "113",
        "kind": "traffic", "caller": f"09{chance.randrange(10**6):08}", "place": street,
        "lat": _lat(chance), "lon": _lon(chance), "said": "va chạm", "by": "an",
        "at": NOW - chance.random() * YEARS_S, "words": plain(f"{number}x", street, "va chạm"),
    }  # fmt: skip


def _incident(number: int, chance: random.Random) -> dict[str, Any]:
    kind, street = chance.choice(tuple(IncidentKind)), chance.choice(STREETS)
    is_open = number < 40
    at = NOW - chance.random() * (600 if is_open else YEARS_S)
    return {
        "id": f"incident-{number}", "number": f"VV-{number}", "kind": kind.value,
        "state": "open" if is_open else "closed", "class_group": GROUPS[kind].value,
        "priority": 2, "version": 1, "people_version": 1, "place": street, "lat": _lat(chance),
        "lon": _lon(chance), "opened_at": at, "opened_by": "an", "last_at": at,
        "closed_at": None if is_open else at + 900, "words": plain(f"{number}x", street),
    }  # fmt: skip


def _member(row: dict[str, Any]) -> dict[str, Any]:
    number = row["id"].rpartition("-")[2]
    return {
        "id": f"member-{number}", "incident_id": row["id"], "type": "call",
        "member_id": f"call-{number}", "joined_at": row["opened_at"], "by": "an",
    }  # fmt: skip


def _lat(chance: random.Random) -> float:
    return 20.95 + chance.random() * 0.15


def _lon(chance: random.Random) -> float:
    return 105.75 + chance.random() * 0.15


if __name__ == "__main__":
    sys.exit(main())
