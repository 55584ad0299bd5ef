"""A centre that is frozen in the middle of a transaction holds up nobody's alerts for long."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import sqlalchemy as sa

from tests.app.centre.several.centre_process import CentreProcess, eventually
from tests.app.centre.several.two_centres import Site
from thapcanh.alerts.alert.alert_tables import alert as alert_table
from thapcanh.alerts.store.coordination.centres import expected_centres
from thapcanh.alerts.store.log_tables import alert_number

_BLOCKED = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
)


@contextmanager
def held(site: Site, table: sa.Table) -> Iterator[sa.Connection]:
    """Lock all rows of a table: a writer that has the ledger stands still there."""
    with site.database.altering() as connection:
        connection.execute(sa.select(table).with_for_update())
        yield connection


def _freeze_in_transaction(connection: sa.Connection, centre: CentreProcess) -> None:
    """Stop the process while its session waits for rows that this connection holds."""
    eventually(lambda: connection.execute(_BLOCKED).scalar_one(), "a writer stands still")
    centre.send_signal(signal.SIGSTOP)


def _missing_until_stored(site: Site, count: int) -> set[str]:
    """Wait until so many events are stored; return the centres called missing meanwhile."""
    missing: set[str] = set()

    def stored() -> bool:
        missing.update(one.name for one in expected_centres(site.database) if one.is_missing)
        return site.fires() >= count

    eventually(stored, f"{count} events are stored")
    return missing


def test_a_leader_frozen_in_a_transaction_does_not_stop_the_intake(site: Site) -> None:
    first, other = site.both_run()
    site.send(5)
    eventually(lambda: site.fires() == 5, "the leader stores")
    with held(site, alert_number) as connection:
        site.send(1)
        _freeze_in_transaction(connection, first)
    site.send(10)
    assert other.name not in _missing_until_stored(site, 16)
    assert site.leader() is other
    first.send_signal(signal.SIGCONT)
    site.send(5)
    eventually(lambda: site.fires() == 21, "all is stored, each once")


def test_a_standby_frozen_in_an_officers_act_does_not_stop_the_intake(site: Site) -> None:
    first, other = site.both_run()
    site.send(1)
    officer = site.officer([other.url])
    (alert,) = eventually(officer.alerts, "the alert is on the screens")
    with ThreadPoolExecutor(1) as pool:
        with held(site, alert_table) as connection:
            act = pool.submit(officer.act, other.url, alert, "acknowledge", "k1")
            _freeze_in_transaction(connection, other)
        site.send(10)
        assert first.name not in _missing_until_stored(site, 11)
        assert site.leader() is first
        other.send_signal(signal.SIGCONT)
        act.result()
    again = officer.act(other.url, alert, "acknowledge", "k1")
    assert again.status_code == 200
