"""Each forgery is found by `verify`, or named in docs/security.md with the damage that it does.

A forger of the database alone appends a seal that is right, and cannot sign it; one who has the key
too signs, and what he writes must still follow from the acts in the log.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from tests.alerts.desk import LE, NOW, Desk, take
from tests.alerts.every_table import every_table
from tests.alerts.evidence.test_consistency import account_of
from tests.alerts.made_rows import row_of, value_of
from tests.alerts.store.seals.forging import Forged, as_it_is, named_in, opened
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.evidence.log_head import LogHead
from thapcanh.alerts.incidents.incident_commands import run_incident_command
from thapcanh.alerts.incidents.incident_state import IncidentAction
from thapcanh.alerts.incidents.incident_tables import incident
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import IncidentRequest
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.audit_log import AuditLogQuery
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.roles import AlertAction, Role
from thapcanh.alerts.store.sealed_log import seal_at
from thapcanh.alerts.store.seals.sealed_tables import (
    UNSEALED,
    is_sealed,
    sealed_columns,
)

UNNOTICED, WITH_KEY = "### Altered unnoticed", "### Altered unnoticed with the key"
DERIVED = {
    "action_log": {one.name for one in action_log.columns},
    "ledger": {"log_seq", "log_hash", "log_signature"},
    "alert_number": {"day", "last"},
    "number_series": {"series", "last"},
    "producer": {"source", "producer_epoch", "highest_seq"},
}
"""Columns that are not sealed and checked by what is; each is altered below."""
TABLES = {one.name: one for one in every_table()}


def test_every_column_is_sealed_or_derived_or_named_with_its_damage() -> None:
    """Walks the metadata: a column that a migration adds tomorrow is found too."""
    named = named_in(UNNOTICED)
    left = {
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if not (is_sealed(table) and column in sealed_columns(table))
        and column.name not in DERIVED.get(table.name, ())
        and table.name not in named
    }
    assert left == {one for one in named if "." in one}
    assert {one for one in named if "." not in one} == set(UNSEALED) - DERIVED.keys()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forged]:
    """Two made rows of every table; what acts say of them is no matter here."""
    folder = tmp_path_factory.mktemp("filled")
    archive = opened(folder)
    with archive.database.writing() as connection:
        for table in TABLES.values():
            if table.name not in {"ledger", "action_log"}:
                connection.execute(sa.insert(table), [row_of(table, one) for one in (1, 2)])
    yield as_it_is(archive.database, folder)
    archive.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forged]:
    """Three alerts and their incidents as officers left them; all of it agrees."""
    folder = tmp_path_factory.mktemp("site")
    archive = opened(folder)
    archive.save_user(account_of("le", Role.LEADER))
    for number in (1, 2, 3):
        take(archive, number, event_id=f"event-{number}", camera_id=f"gate-{number}")
    first, second, _ = sorted(archive.alerts().items, key=lambda one: one.number)
    until_verdict = (AlertAction.ACKNOWLEDGE, AlertAction.CONFIRM)
    for shown, acts in ((first, (*until_verdict, AlertAction.CLOSE)), (second, until_verdict)):
        for act in acts:
            key = f"{shown.number} {act}"
            Desk(archive, shown.id).do(act, LE, idempotency_key=key)
    _assess(archive)
    made = as_it_is(archive.database, folder)
    assert not made.before, "the archive as it was written agrees with its acts"
    yield made
    archive.close()


def _assess(archive: Archive) -> None:
    with archive.database.writing() as connection:
        row = connection.execute(sa.select(incident).order_by(incident.c.number)).first()
        assert row is not None
        wanted = IncidentRequest(
            incident_id=row.id,
            action=IncidentAction.ASSESS,
            actor=LE,
            expected_version=row.version,
            idempotency_key="assess",
            kind=IncidentKind.FIRE,
            priority=2,
        )
        run_incident_command(connection, wanted, NOW)


def _of_first(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(*(one == value_of(one, 1) for one in table.primary_key.columns))


def _alterations(table: sa.Table) -> dict[str, Callable[[sa.Connection], object]]:
    """A row more, a row less, and a row that is another's in all but its key."""
    others = {
        one.name: value_of(one, 4)
        for one in table.columns
        if not one.primary_key and (is_sealed(table) and one in sealed_columns(table))
    }
    keys = {one.name: value_of(one, 4) for one in table.primary_key.columns}
    return {
        "insert": lambda on: on.execute(sa.insert(table).values(row_of(table, 3))),
        "delete": lambda on: on.execute(sa.delete(table).where(_of_first(table))),
        "update": lambda on: on.execute(
            sa.update(table).where(_of_first(table)).values(others or keys)
        ),
    }


@pytest.mark.parametrize("how", ["insert", "delete", "update"])
@pytest.mark.parametrize("name", sorted(set(TABLES) - DERIVED.keys()))
def test_a_forged_row_of_any_table_is_found_or_named(filled: Forged, name: str, how: str) -> None:
    """By its seal; and where a right seal is appended, by the end that nobody signed."""
    table, named = TABLES[name], named_in(UNNOTICED)
    forge = _alterations(table)[how]
    found = filled.after(forge)
    assert found or name in named
    if is_sealed(table):
        assert filled.after(forge, filled.sealed(table, is_signed=False))


def _other(column: sa.Column[Any], row: Any) -> Any:
    """A value that the column has not."""
    now = row[column.name]
    match column.type:
        case sa.Boolean():
            return not now
        case sa.Integer() | sa.Float():
            return (now or 0) + 3
        case _:
            return f"{now}x"


COLUMNS = [(table, one) for table in (alert, incident) for one in table.columns]


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=str)
def test_a_forged_column_of_an_alert_or_incident_is_found_or_named(
    site: Forged, table: sa.Table, column: sa.Column[Any]
) -> None:
    """Alone, with an appended seal, and with a seal that is signed with the centre's own key."""
    with site.database.reading() as connection:
        row = connection.execute(sa.select(table).order_by(table.c.number)).mappings().first()
    assert row is not None
    if column.primary_key:
        return  # its row is then another: see the rows of any table

    def forge(on: sa.Connection) -> None:
        new = {column.name: _other(column, row)}
        on.execute(sa.update(table).where(table.c.id == row["id"]).values(new))

    name, unnoticed = f"{table.name}.{column.name}", named_in(UNNOTICED)
    assert name in unnoticed or site.after(forge)
    assert site.after(forge, site.sealed(table, is_signed=False))
    found = site.after(forge, site.sealed(table, is_signed=True))
    assert found or name in named_in(WITH_KEY) | unnoticed


HIDDEN: dict[str, dict[str, Any]] = {
    "shelved": {"shelved_until": 9e12},
    "cleared": {"condition": "cleared", "cleared_at": 1.0},
    "hidden": {"condition": "cleared", "cleared_at": 1.0, "shelved_until": 9e12},
    "closed": {"state": "closed", "episode_open": False},
    "rejected": {"state": "rejected", "verdict": "rejected", "verdict_by": "le"},
}


@pytest.mark.parametrize("what", sorted(HIDDEN))
@pytest.mark.parametrize("sealed", ["plain", "sealed", "signed"])
def test_hiding_every_alert_is_found(site: Forged, what: str, sealed: str) -> None:
    def forge(on: sa.Connection) -> None:
        on.execute(sa.update(alert).values(HIDDEN[what]))

    acts: list[Callable[[sa.Connection], object]] = [forge]
    if sealed != "plain":
        acts.append(site.sealed(alert, is_signed=sealed == "signed"))
    found = site.after(*acts)
    assert found
    if sealed != "sealed":
        assert all(one.startswith("alert:") for one in found)


def test_an_account_that_no_act_made_is_found_with_the_key_too(site: Forged) -> None:
    user = TABLES["user_account"]

    def forge(on: sa.Connection) -> None:
        on.execute(sa.update(user).where(user.c.username == "le").values(roles='["admin"]'))

    assert site.after(forge, site.sealed(user, is_signed=True)) == {
        "user_account:le: roles does not follow from the acts in the log"
    }


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM alert_number",
        "UPDATE alert_number SET last = last - 1",
        "UPDATE alert_number SET last = last + 1",
        "UPDATE alert_number SET day = '20200101'",
        "DELETE FROM number_series",
        "UPDATE number_series SET last = last - 1",
        "UPDATE number_series SET last = last + 1",
        "UPDATE number_series SET series = 'x'",
        "DELETE FROM producer",
        "UPDATE producer SET highest_seq = 1",
        "UPDATE producer SET source = 'x'",
        "UPDATE producer SET producer_epoch = 7",
        "UPDATE ledger SET log_seq = log_seq - 1",
        "UPDATE ledger SET log_hash = 'x'",
        "UPDATE ledger SET log_signature = NULL",
        "UPDATE ledger SET log_signature = 'x'",
        "DELETE FROM action_log WHERE seq = 2",
        "DELETE FROM action_log WHERE seq = (SELECT log_seq FROM ledger)",
        *(
            sa.update(action_log).where(action_log.c.seq == 2).values({one.name: 900})
            for one in action_log.columns
        ),
    ],
)
def test_a_counter_or_the_log_itself_is_not_altered_unnoticed(
    site: Forged, statement: str | sa.Update
) -> None:
    forged = sa.text(statement) if isinstance(statement, str) else statement
    assert site.after(lambda on: on.execute(forged))


def test_an_appended_entry_goes_past_a_head_and_not_past_the_key(site: Forged) -> None:
    """An end that was sent away before proves nothing of what was appended since."""
    with site.database.reading() as connection:
        seq, seal = AuditLogQuery(connection).log_head()
    sent = LogHead(site="s", at=NOW, seq=seq, hash=seal)
    assert seal_at(site.database, sent.seq) == sent.hash
    found = site.after(site.sealed(alert, is_signed=False))
    assert found == {f"action log entry {seq + 2}: the log's end is not signed by this site's key"}
