"""`python -m benchmarks.outbox [DELIVERIES]`: incidents told to a webhook and a broker that die.

Officers open, assess, dispatch and close incidents while the receiver, the broker and the centre's
outbox are killed at random. Written down: how long until all is told, what was lost, what came
twice under one id, and whether each incident's order was kept.
"""

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from uuid6 import uuid7

from benchmarks.harness import results_file
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown
from benchmarks.outbox import parts
from benchmarks.outbox.listener import Listener
from benchmarks.outbox.parts import MortalPart
from thapcanh.alerts.incidents.incident_state import IncidentAction
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import IncidentPlace, IncidentRequest, NewIncident, UnitOrder
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.outbox.outbox import delivery
from thapcanh.alerts.store.roles import Actor, Role
from thapcanh.app.process.free_port import free_port

DELIVERIES = 10_000
TARGETS = ("webhook", "broker")
CHANGES = 5  # of one incident: opened, assessed, dispatched, controlled, closed
MOST_S = 1200.0
LIVES_S = {"webhook": (2.0, 8.0), "broker": (2.0, 8.0), "centre": (10.0, 25.0)}
OFFICER = Actor(username="an", name="An", role=Role.LEADER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one target got."""

    told: int
    lost: int
    repeated: int  # under one id, which a receiver drops
    out_of_order: int


def main() -> int:
    """Measure and write the results; return 1 where something was lost or out of order."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else DELIVERIES
    chance = random.Random(7)  # noqa: S311 made data
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        archive = Archive(sqlite_url(folder / "archive.sqlite"))
        ports = {one: free_port() for one in TARGETS}
        mortal = _parts(folder, ports, chance)
        for one in mortal.values():
            stack.callback(one.end)
        listener = Listener(ports["broker"])
        listener.subscribed.wait(30)
        before = machine()
        for one in mortal.values():
            one.expose()
        began = time.monotonic()
        _work(archive, wanted // CHANGES // len(TARGETS), chance)
        written_s = time.monotonic() - began
        ended = _until(lambda: _waiting(archive) == 0, MOST_S - written_s)
        took_s = time.monotonic() - began
        for one in mortal.values():
            one.spare()
        verdicts = _verdicts(archive, folder, listener)
        archive.close()
    deaths = {one: part.deaths for one, part in mortal.items()}
    content: dict[str, Any] = {
        "machine": before,
        "versions": versions(),
        "deliveries": wanted,
        "written_s": round(written_s, 1),
        "told_s": round(took_s, 1),
        "ended": ended,
        "deaths": deaths,
    }
    table = _table(verdicts, content)
    results_file.write("outbox", content, table)
    sys.stdout.write(table)
    is_fine = ended and not any(one.lost or one.out_of_order for one in verdicts.values())
    return 0 if is_fine else 1


def _parts(folder: Path, ports: dict[str, int], chance: random.Random) -> dict[str, MortalPart]:
    mosquitto = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if mosquitto is None:
        sys.exit("mosquitto is not installed")
    told = folder / "told"
    archive = folder / "archive.sqlite"
    commands = {
        "webhook": parts.module("webhook_child", ports["webhook"], told),
        "broker": parts.broker(mosquitto, ports["broker"], folder),
        "centre": parts.module("centre_child", archive, ports["webhook"], ports["broker"]),
    }
    return {
        name: MortalPart(command, LIVES_S[name], random.Random(chance.random()))  # noqa: S311
        for name, command in commands.items()
    }


def _work(archive: Archive, incidents: int, chance: random.Random) -> None:
    """Officers' work: some incidents at a time, each moved on in its order."""
    repository = IncidentRepository(archive.database)
    acts: tuple[dict[str, Any], ...] = (
        {"action": IncidentAction.ASSESS, "priority": 1},
        {"action": IncidentAction.DISPATCH, "told": (UnitOrder(service="114"),)},
        {"action": IncidentAction.STEP, "step": "controlled"},
        {"action": IncidentAction.CLOSE, "disposition": "handled", "note": "đã dập tắt"},
    )
    for first in range(0, incidents, 20):
        opened = [_opened(repository, chance) for _ in range(min(20, incidents - first))]
        for act in acts:
            for incident_id in opened:
                found = repository.one(incident_id, OFFICER.scope)
                version = 0 if found is None else found.version
                request = IncidentRequest(
                    incident_id=incident_id,
                    actor=OFFICER,
                    expected_version=version,
                    idempotency_key=str(uuid7()),
                    **act,
                )
                archive.incident_command(request, time.time())


def _opened(repository: IncidentRepository, chance: random.Random) -> str:
    new = NewIncident(
        kind=chance.choice((IncidentKind.FIRE, IncidentKind.TRAFFIC)),
        priority=chance.choice((1, 2)),
        place=IncidentPlace(text="Hàng Bài", lat=21.02, lon=105.85),
        at=time.time(),
    )
    return repository.open(OFFICER, new, str(uuid7()), time.time()).incident.id


def _waiting(archive: Archive) -> int:
    """How many changes are not told yet; unrouted ones count too."""
    with archive.database.reading() as connection:
        waits = sa.select(sa.func.count()).where(delivery.c.state == "waiting")
        unrouted = sa.text("SELECT count(*) FROM outbox_event WHERE routed_at IS NULL")
        found = connection.execute(waits).scalar_one() + connection.execute(unrouted).scalar_one()
        return int(found)


def _verdicts(archive: Archive, folder: Path, listener: Listener) -> dict[str, Verdict]:
    lines = (folder / "told").read_text().splitlines()
    webhook = [_facts(line) for line in lines if line.endswith("]")]
    wanted = {name: _delivered(archive, name) for name in TARGETS}
    _until(lambda: {one[0] for one in listener.heard} >= wanted["broker"], 30.0)
    return {
        "webhook": _verdict(webhook, wanted["webhook"]),
        "broker": _verdict(list(listener.heard), wanted["broker"]),
    }


def _delivered(archive: Archive, target: str) -> set[str]:
    query = sa.select(delivery.c.id).where(
        delivery.c.target == target, delivery.c.subject.startswith("incident/")
    )
    with archive.database.reading() as connection:
        return set(connection.execute(query).scalars())


def _verdict(told: Sequence[list[str]], wanted: set[str]) -> Verdict:
    """Judge what came; what is known by its id already is dropped, as receivers do."""
    seen: set[str] = set()
    last: dict[str, str] = {}
    out_of_order = 0
    for delivery_id, subject, sequence in told:
        if delivery_id in seen or not subject.startswith("incident/"):
            continue
        seen.add(delivery_id)
        out_of_order += sequence <= last.get(subject, "")
        last[subject] = max(sequence, last.get(subject, ""))
    of_incidents = [one for one in told if one[1].startswith("incident/")]
    return Verdict(
        told=len(seen),
        lost=len(wanted - seen),
        repeated=len(of_incidents) - len(seen),
        out_of_order=out_of_order,
    )


def _facts(line: str) -> list[str]:
    import json

    facts: list[str] = json.loads(line)
    return facts


def _table(verdicts: dict[str, Verdict], content: dict[str, Any]) -> str:
    head = ("target", "told", "lost", "again under one id", "out of order", "killed")
    deaths = content["deaths"]
    rows = [
        (name, one.told, one.lost, one.repeated, one.out_of_order, deaths[name])
        for name, one in verdicts.items()
    ]
    words = (
        f"\n{content['deliveries']} deliveries in {content['told_s']} s, of which officers' work "
        f"took {content['written_s']} s; the centre's outbox was killed {deaths['centre']} times; "
        f"load before {content['machine']['load_before']}, {content['machine']['cores']} cores.\n"
    )
    return markdown(head, rows) + words


def _until(condition: Callable[[], bool], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.25)
    return True


if __name__ == "__main__":
    sys.exit(main())
