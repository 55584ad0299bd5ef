"""Rows that are not sealed and follow from what is: numbers that count on, and the log's end."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from thapcanh.alerts.alert.alert_tables import alert, event, producer
from thapcanh.alerts.store.action_log import LogRow
from thapcanh.alerts.store.log_tables import action_log, alert_number, ledger
from thapcanh.alerts.store.seals.declared_seals import details_of
from thapcanh.alerts.store.seals.log_key import NOT_SIGNED, LogEnd, LogKey
from thapcanh.alerts.store.tables import metadata

Fault = tuple[str, str]
_LOG = "action log"


def faults_of_counters(connection: sa.Connection) -> Iterator[Fault]:
    """Yield counters that differ from the numbers assigned."""
    day, number = sa.func.substr(alert.c.number, 4, 8), sa.func.substr(alert.c.number, 13)
    last = {row.day: row.last for row in connection.execute(sa.select(alert_number))}
    for (key,), highest in _provided(
        connection, (day,), number, alert.c.number.like("CB-________-%")
    ):
        yield from _counted("alert_number", key, last.get(key), highest)
    series = metadata.tables["number_series"]
    last = {row.series: row.last for row in connection.execute(sa.select(series))}
    for key, highest in _series(connection):
        yield from _counted("number_series", key, last.get(key), highest)
    yield from _producers(connection)


def faults_of_log(connection: sa.Connection, key: LogKey | None) -> Iterator[Fault]:
    """Yield where the log is unsigned, or differs from what this machine saw signed."""
    unsigned = sa.select(action_log).where(action_log.c.action == NOT_SIGNED)
    for entry in connection.execute(unsigned.order_by(action_log.c.seq)):
        reported = details_of(LogRow(**entry._mapping))
        yield (
            f"{_LOG} entry {reported.get('end')}",
            "nobody with this site's key wrote what follows entry "
            f"{reported.get('signed')} up to here",
        )
    if key is None:
        return
    head = connection.execute(sa.select(ledger)).one()
    end, last = LogEnd(seq=int(head.log_seq), hash=str(head.log_hash)), key.last
    is_begun = last is not None or head.log_signature is not None
    if is_begun and not key.has_signed(end, head.log_signature):
        yield f"{_LOG} entry {end.seq}", "the log's end is not signed by this site's key"
    if last is None or last.seq == 0:
        return
    found = sa.select(action_log.c.hash).where(action_log.c.seq == last.seq)
    seal = connection.execute(found).scalar_one_or_none()
    if seal != last.hash:
        how = "is gone" if seal is None else "is another one"
        yield f"{_LOG} entry {last.seq}", f"{how}; this machine saw it signed"


def _counted(table: str, key: str, last: int | None, highest: int | None) -> Iterator[Fault]:
    if highest is None:
        yield f"{table}:{key}", "does not count all that bears its name: one has no number"
    elif last != highest:
        yield f"{table}:{key}", f"does not stand at {highest}, the last number that was given"


def _series(connection: sa.Connection) -> Iterator[tuple[str, int | None]]:
    """Yield the highest number of each series, by the key of its counter."""
    incident, call = metadata.tables["incident"], metadata.tables["call"]
    day, number = sa.func.substr(incident.c.number, 4, 8), sa.func.substr(incident.c.number, 13)
    is_one = incident.c.number.like("VV-________-%")
    for (key,), highest in _provided(connection, (day,), number, is_one):
        yield f"incident:{key}", highest
    number = sa.func.substr(call.c.number, sa.func.length(call.c.line) + 2)
    is_one = call.c.number.like(call.c.line + "-%")
    for (line, year), highest in _provided(connection, (call.c.line, call.c.year), number, is_one):
        yield f"call:{line}:{year}", highest


def _provided(
    connection: sa.Connection,
    key: Sequence[sa.ColumnElement[Any]],
    number: sa.ColumnElement[str],
    is_one: sa.ColumnElement[bool],
) -> Iterator[tuple[tuple[Any, ...], int | None]]:
    """Return the highest number under each key; None for an invalid one. SQL casts no text."""
    length = sa.func.length(number)
    query = sa.select(*key, sa.func.max(number)).where(is_one).group_by(*key, length)
    found: dict[tuple[Any, ...], int | None] = {}
    for *matching, text in connection.execute(query):
        existing = found.get(tuple(matching), 0)
        is_number = text.isdecimal() and existing is not None
        found[tuple(matching)] = max(existing or 0, int(text)) if is_number else None
    yield from found.items()


def _producers(connection: sa.Connection) -> Iterator[Fault]:
    """Yield workers whose last number is below a stored one."""
    same = sa.and_(
        producer.c.source == event.c.source,
        producer.c.producer_epoch == event.c.producer_epoch,
    )
    highest = sa.func.max(event.c.producer_seq)
    query = sa.select(event.c.source, event.c.producer_epoch, highest, producer.c.highest_seq)
    query = query.select_from(event).outerjoin(producer, same)
    for source, epoch, stored, noted in connection.execute(
        query.group_by(event.c.source, event.c.producer_epoch, producer.c.highest_seq)
    ):
        if noted is None or noted < stored:
            yield f"producer:{source} {epoch}", f"is below {stored}, which is stored of it"
