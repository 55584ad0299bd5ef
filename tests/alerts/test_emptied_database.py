"""An archive that another test has used is as one in which nothing was yet."""

from contextlib import closing

import psycopg

from tests.alerts.conftest import PostgresServer
from tests.alerts.emptied_database import empty_database
from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from thapcanh.alerts.lifecycle.archive import Archive


def _used(url: str) -> str:
    archive = Archive(url)
    archive.take_in(fake_message(1), queued_at=FIRST_AT, now=FIRST_AT, camera=lambda _: None)
    number = archive.alerts().items[0].number
    archive.close()
    return number


def test_an_emptied_archive_is_as_a_new_one(postgres: PostgresServer) -> None:
    used, new = postgres.new_archive(), postgres.new_archive()
    first = _used(used)
    assert empty_database(used) != empty_database(new)
    postgres.give_back(used)
    assert empty_database(used) == empty_database(new)
    assert postgres.new_archive() == used
    assert _used(used) == first  # numbers begin again
    for url in (used, new):
        postgres.drop(url)


def test_who_still_holds_it_does_not_keep_it(postgres: PostgresServer) -> None:
    url = postgres.new_archive()
    with closing(psycopg.connect(url)) as holder:
        holder.execute("LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE")
        postgres.give_back(url)
    assert postgres.new_archive() == url
    postgres.drop(url)


def test_one_whose_tables_were_changed_is_not_used_again(postgres: PostgresServer) -> None:
    url = postgres.new_archive()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger ADD COLUMN more text")
    postgres.give_back(url)
    other = postgres.new_archive()
    assert other != url
    postgres.drop(other)
