"""After everything has come to rest: what the nodes promised, beside what the archive has."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from thapcanh.alerts.queue.message import decode
from thapcanh.detection.event import Event

DIED_WITHIN_S = 5.0  # a worker that is killed so soon after an event may not have its picture

Place = tuple[str, int]  # a worker, and the epoch of its spool


@dataclass(slots=True)
class ClusterVerdict:
    """What was found; each list names what is wrong."""

    events: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    evidence_missing: list[str] = field(default_factory=list)


def promised(spools: Iterable[Path]) -> dict[Place, int]:
    """How many messages each spool has numbered; what was sent long ago is forgotten there."""
    found: dict[Place, int] = {}
    for path in spools:
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            (epoch,) = database.execute("SELECT epoch FROM spool").fetchone()
            row = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'")
            (highest,) = row.fetchone() or (0,)
        finally:
            database.close()
        found[path.stem, epoch] = highest
    return found


def waiting(spool: Path, since: float) -> list[Event]:
    """The events that were spooled after a moment and have not been sent."""
    database = sqlite3.connect(f"file:{spool}?mode=ro", uri=True)
    try:
        rows = database.execute(
            "SELECT entry FROM outbox WHERE stream_id IS NULL AND spooled_at > ?", (since,)
        ).fetchall()
    finally:
        database.close()
    return [decode(json.loads(entry)).event for (entry,) in rows]


def missing(archive_url: str, wanted: Mapping[Place, int]) -> list[str]:
    """The numbers that the archive does not have."""
    return [
        f"{source} {epoch}/{seq}"
        for (source, epoch), highest in wanted.items()
        for seq in sorted({*range(1, highest + 1)} - _stored(archive_url, source, epoch))
    ]


def judge(
    archive_url: str,
    wanted: Mapping[Place, int],
    evidence: AbstractSet[str],
    died: Mapping[str, Sequence[float]],
) -> ClusterVerdict:
    """Compare; `evidence` has what the store holds, `died` when each worker was killed."""
    verdict = ClusterVerdict(events=sum(wanted.values()), lost=missing(archive_url, wanted))
    for what, query in _DOUBLED.items():
        verdict.doubled += [f"{what} {row[0]}" for row in _rows(archive_url, query)]
    verdict.evidence_missing += [
        f"file {path}"
        for (path,) in _rows(archive_url, "SELECT path FROM evidence WHERE deleted_at IS NULL")
        if path not in evidence
    ]
    for event_id, source, at in _rows(archive_url, _BARE):
        if not any(0.0 <= killed - at <= DIED_WITHIN_S for killed in died.get(source, ())):
            verdict.evidence_missing.append(f"event {event_id} of {source} has no picture")
    return verdict


_DOUBLED = {
    "message": "SELECT id FROM event GROUP BY id HAVING count(*) > 1",
    "place": "SELECT min(id) FROM event GROUP BY source, producer_epoch, producer_seq"
    " HAVING count(*) > 1",
    "open alerts of": "SELECT dedup_key FROM alert WHERE episode_open GROUP BY 1"
    " HAVING count(*) > 1",
    "unclosed alerts of": "SELECT dedup_key FROM alert WHERE state IN ('new', 'acknowledged')"
    " GROUP BY 1 HAVING count(*) > 1",
}
_BARE = (
    "SELECT event_id, source, captured_at FROM event WHERE phase = 'raised'"
    " AND kind IN ('fire', 'smoke') AND event_id NOT IN"
    " (SELECT event_id FROM evidence WHERE kind = 'snapshot')"
)


def _stored(archive_url: str, source: str, epoch: int) -> set[int]:
    query = "SELECT producer_seq FROM event WHERE source = %s AND producer_epoch = %s"
    return {seq for (seq,) in _rows(archive_url, query, source, epoch)}


def _rows(archive_url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(archive_url) as connection:
        return connection.execute(query.encode(), values).fetchall()
