"""Which centres live and which of them leads, as PostgreSQL sees their sessions."""

from dataclasses import dataclass

import sqlalchemy as sa

from alerts.store.coordination.leadership import LOCK
from alerts.store.coordination.session import APPLICATION
from alerts.store.database import Database

_QUERY = sa.text(
    "SELECT DISTINCT a.application_name AS application, l.pid IS NOT NULL AS leads"
    " FROM pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid"
    " AND l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted"
    " AND l.database = a.datid AND l.classid = 0 AND l.objid = :lock"
    " WHERE a.datname = current_database() AND a.application_name LIKE :centres"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingCentre:
    """A centre whose session PostgreSQL holds."""

    name: str
    leads: bool


def living_centres(database: Database) -> list[LivingCentre]:
    """By name. Empty where the archive is a file: its one centre is not known there."""
    if database.is_sqlite:
        return []
    with database.reading() as connection:
        found = connection.execute(_QUERY, {"lock": LOCK, "centres": f"{APPLICATION}%"}).all()
    leads: dict[str, bool] = {}
    for row in found:
        name = str(row.application).removeprefix(APPLICATION)
        leads[name] = leads.get(name, False) or bool(row.leads)
    return [LivingCentre(name=name, leads=leads[name]) for name in sorted(leads)]
