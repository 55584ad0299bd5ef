"""After the storm: what was promised, compared with what the archive holds."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from thapcanh.alerts.evidence.stores.durable_files import file_sha256
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url

FAULTS = ("lost", "doubled", "stuck", "gaps_unnoticed", "late", "without_files")
DIED_WITHIN_S = 5.0  # a worker that is killed so soon after an event may not have its picture


@dataclass(slots=True)
class Verdict:
    """What was found; each list names what is wrong."""

    events: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    gaps_unnoticed: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)  # events that waited for their evidence
    without_files: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not any(getattr(self, kind) for kind in FAULTS)

    def line(self, seconds: float, kills: int) -> str:
        """The contract's last line."""
        return json.dumps(
            {
                "seconds": round(seconds),
                "kills": kills,
                "events": self.events,
                "lost": len(self.lost),
                "doubled": len(self.doubled),
                "stuck": len(self.stuck),
                "gaps_unnoticed": len(self.gaps_unnoticed),
                "late": len(self.late),
                "without_files": len(self.without_files),
            }
        )


def promised(data: Path, tricks: Path) -> dict[str, tuple[str, str]]:
    """Message id: (event id, phase) of everything that was spooled, by anybody."""
    found: dict[str, tuple[str, str]] = {}
    for ledger in data.glob("*.ledger"):
        for line in ledger.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if len(words) == 3:  # a last line that the kill cut off was not promised
                found[words[0]] = (words[1], words[2])
    for spool in [*data.glob("spool/*.sqlite"), *tricks.glob("*.sqlite")]:
        with sqlite3.connect(spool) as database:
            for (text,) in database.execute("SELECT entry FROM outbox"):
                entry = json.loads(text)
                phase = entry["type"].split(".")[2]
                found.setdefault(entry["id"], (entry["event_id"], phase))
        database.close()
    return found


def judge(
    data: Path,
    wanted: dict[str, tuple[str, str]],
    holes: Iterable[tuple[str, int]],
    died_at: Iterable[float] = (),
) -> Verdict:
    """Compare; the site has been stopped, so nothing moves any more."""
    verdict = Verdict(events=len(wanted))
    path = data / "archive.sqlite"
    database = sqlite3.connect(path)
    stored = Counter(row[0] for row in database.execute("SELECT id FROM event"))
    verdict.lost += [f"event {one}" for one in wanted if not stored[one]]
    verdict.doubled += [f"event {one}" for one in wanted if stored[one] > 1]
    _alerts(database, verdict)
    _conditions(database, wanted, verdict)
    _gaps(database, set(holes), verdict)
    _files(database, data, sorted(died_at), verdict)
    database.close()
    _chain(path, verdict)
    return verdict


def _alerts(database: sqlite3.Connection, verdict: Verdict) -> None:
    """One open alert an episode, one alert an event, one deed a command."""
    doubled = {
        "open alerts of": "SELECT dedup_key FROM alert WHERE episode_open GROUP BY 1"
        " HAVING count(*) > 1",
        "unclosed alerts of": "SELECT dedup_key FROM alert WHERE state IN ('new', 'acknowledged')"
        " GROUP BY 1 HAVING count(*) > 1",
        "places in the sequence:": "SELECT source || producer_epoch || '/' || producer_seq"
        " FROM event GROUP BY source, producer_epoch, producer_seq HAVING count(*) > 1",
        "deeds of command": "SELECT json_extract(details, '$.key') AS key FROM action_log"
        " WHERE key IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    }
    for what, query in doubled.items():
        verdict.doubled += [f"{what} {row[0]}" for row in database.execute(query)]


def _conditions(
    database: sqlite3.Connection, wanted: dict[str, tuple[str, str]], verdict: Verdict
) -> None:
    """An event whose clearing was spooled must not glow for ever."""
    cleared = {event_id for event_id, phase in wanted.values() if phase == "cleared"}
    rows = database.execute("SELECT event_id FROM episode_event WHERE active")
    verdict.stuck += [f"active {row[0]}" for row in rows if row[0] in cleared]
    glowing = database.execute(
        "SELECT number FROM alert WHERE condition = 'active' AND NOT EXISTS (SELECT 1 FROM"
        " episode_event WHERE alert_id = alert.id AND active)"
    )
    verdict.stuck += [f"alert {row[0]} is active without an active event" for row in glowing]


def _gaps(database: sqlite3.Connection, holes: set[tuple[str, int]], verdict: Verdict) -> None:
    noticed = {
        (source, seq)
        for source, first, last in database.execute(
            "SELECT source, first_seq, last_seq FROM event_gap"
        )
        for seq in range(first, last + 1)
    }
    verdict.gaps_unnoticed += [f"{source} {seq}" for source, seq in sorted(holes - noticed)]
    verdict.lost += [f"{source} {seq} is missing" for source, seq in sorted(noticed - holes)]


def _files(
    database: sqlite3.Connection, data: Path, died_at: list[float], verdict: Verdict
) -> None:
    """Find files that are missing or changed, events without a picture, and what still waits."""
    store = data / "evidence"
    for name, seal in database.execute(
        "SELECT path, sha256 FROM evidence WHERE deleted_at IS NULL"
    ):
        path = store / name
        if not path.is_file() or file_sha256(path) != seal:
            verdict.without_files.append(f"file {name}")
    bare = database.execute(
        "SELECT event_id, captured_at FROM event WHERE phase = 'raised' AND source = 'worker-0'"
        " AND kind IN ('fire', 'smoke') AND event_id NOT IN"
        " (SELECT event_id FROM evidence WHERE kind = 'snapshot')"
    )
    for event_id, at in bare:
        if not any(0.0 <= died - at <= DIED_WITHIN_S for died in died_at):
            verdict.without_files.append(f"event {event_id} has no picture")
    waiting = data.glob("spool/worker-*.evidence/items/*.json")
    verdict.without_files += [f"{one.name} still waits for the store" for one in waiting]


def _chain(path: Path, verdict: Verdict) -> None:
    archive = Archive(sqlite_url(path))
    chain = archive.verify_chain()
    archive.close()
    if not chain.ok:
        verdict.lost.append(f"action log entry {chain.broken_seq}: {chain.why}")
