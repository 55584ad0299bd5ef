"""Centres that should run, until a person removes them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.coordination.leadership import LOCK
from thapcanh.alerts.store.coordination.session import APPLICATION
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.schema_version import newest_revision, revision_of
from thapcanh.alerts.store.tables import metadata

UPDATED_EVERY_S = 5.0
SILENT_S = 20.0
SKEW_S = 2.0  # as of workers: two machines' times of one event are told apart
DISCARDED_AFTER_S = 30 * 24 * 3600.0  # one that was never removed is expected for so long
_NOW = sa.text("SELECT extract(epoch FROM clock_timestamp())::double precision")
_Time: sa.Double[float] = sa.Double()
centre = sa.Table(
    "centre",
    metadata,
    sa.Column("name", sa.Text(), primary_key=True),
    sa.Column("seen_at", _Time, nullable=False),  # by the database's clock
    sa.Column("ahead_s", _Time, nullable=False),  # its own clock against the database's
    sa.Column("within_s", _Time, nullable=False),  # how wrong that may be
    sa.Column("schema", sa.Text()),  # that its program writes; none of programs before 0033
)
_OBSERVED = (centre.c.name, centre.c.seen_at, centre.c.ahead_s, centre.c.within_s)
_SCHEMA_SINCE = "0029_signed_log"  # before it none was written; schemas are in their names' order
_QUERY = sa.text(
    "SELECT DISTINCT a.application_name AS application, l.pid IS NOT NULL AS leads"
    " FROM pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid"
    " AND l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted"
    " AND l.database = a.datid AND l.classid = 0 AND l.objid = :lock"
    " WHERE a.datname = current_database() AND a.application_name LIKE :centres"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedCentre:
    """Centre that should run, and its state."""

    name: str
    silent_s: float
    ahead_s: float  # its clock against the database's, when it was last seen
    within_s: float
    is_outdated: bool = False  # its program writes another schema than the archive's: nothing

    @property
    def is_missing(self) -> bool:
        """True if it was silent too long."""
        return self.silent_s >= SILENT_S

    @property
    def clock_is_off(self) -> bool:
        """True if it runs with a clock that is surely wrong."""
        return not self.is_missing and abs(self.ahead_s) - self.within_s >= SKEW_S


def note_alive(database: Database, name: str, utc: Callable[[], float] = time.time) -> None:
    """Record that a centre runs, and compare its clock. PostgreSQL only; raise `ArchiveError`.

    Works also while another centre holds the ledger.
    """
    with database.unsealed() as connection:
        before = utc()
        now = float(connection.execute(_NOW).scalar_one())
        after = utc()
        observed = {
            "seen_at": now,
            "ahead_s": (before + after) / 2 - now,
            "within_s": abs(after - before) / 2,
            "schema": newest_revision(),
        }
        matching = sa.update(centre).where(centre.c.name == name).values(**observed)
        if connection.execute(matching).rowcount == 0:
            connection.execute(sa.insert(centre).values(name=name, **observed))


def expected_centres(database: Database) -> list[ExpectedCentre]:
    """Return the expected centres by name; empty for SQLite. Raise `ArchiveError`."""
    if database.is_sqlite:
        return []
    with database.reading() as connection:
        now = float(connection.execute(_NOW).scalar_one())
        revision = revision_of(connection) or ""
        schema = centre.c.schema if revision >= _SCHEMA_SINCE else sa.literal(revision)
        lately = sa.select(*_OBSERVED, schema.label("schema"))
        lately = lately.where(centre.c.seen_at > now - DISCARDED_AFTER_S)
        rows = connection.execute(lately.order_by(centre.c.name)).all()
    return [
        ExpectedCentre(
            name=row.name,
            silent_s=max(0.0, now - row.seen_at),
            ahead_s=row.ahead_s,
            within_s=row.within_s,
            is_outdated=row.schema != revision,
        )
        for row in rows
    ]


def remove_centre(database: Database, name: str, now: float) -> bool:
    """Remove a centre from the expected ones and log it; return False if there is none."""
    with database.writing() as connection:
        removed = connection.execute(sa.delete(centre).where(centre.c.name == name)).rowcount
        if removed:
            add_log(
                connection,
                AuditEntry(at=now, action="centre_removed", object_id=name, details={}),
            )
    return bool(removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingCentre:
    """A centre whose session PostgreSQL holds."""

    name: str
    leads: bool


def living_centres(database: Database) -> list[LivingCentre]:
    """Return the running centres by name; empty for SQLite."""
    if database.is_sqlite:
        return []
    with database.reading() as connection:
        found = connection.execute(_QUERY, {"lock": LOCK, "centres": f"{APPLICATION}%"}).all()
    leads: dict[str, bool] = {}
    for row in found:
        name = str(row.application).removeprefix(APPLICATION)
        leads[name] = leads.get(name, False) or bool(row.leads)
    return [LivingCentre(name=name, leads=leads[name]) for name in sorted(leads)]
