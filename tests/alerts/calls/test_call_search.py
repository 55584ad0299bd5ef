"""A search of calls finds parts of words, newest first, and reads no whole rows for it."""

import logging
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from tests.alerts.conftest import PostgresServer
from tests.alerts.desk import AN, NOW
from thapcanh.alerts.calls.call_store import CallFilter, CallRepository
from thapcanh.alerts.incidents.calls import CallKind, NewCall
from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import DataFilter

PC07 = DataFilter(agencies=frozenset({"pc07"}))


def taken(archive: Archive, said: str, at: float, agency: str | None = None) -> str:
    new = NewCall(
        kind=CallKind.FIRE, line="114", caller="0912345678", place=IncidentPlace(text="Lò Đúc"),
        said=said, agency=agency, area=None,
    )  # fmt: skip
    return CallRepository(archive.database).add(AN, new, at).call.id


def found(archive: Archive, *words: str, **more: Any) -> list[str]:
    page = CallRepository(archive.database).page(CallFilter(words=words, **more))
    return [one.id for one in page.items]


def test_calls_are_found_by_parts_of_words_newest_first(archive: Archive) -> None:
    first = taken(archive, "khói ở tầng 3", NOW)
    second = taken(archive, "cháy ở tầng hầm", NOW + 1, "pc07")
    assert found(archive, "tang") == [second, first]
    assert found(archive, "34567", "kho") == [first]
    assert found(archive, "tang", since=NOW + 0.5) == [second]
    assert found(archive, "tang", scope=PC07) == [second]
    assert found(archive, "tang", kinds=frozenset({"hoax"})) == []
    assert found(archive, "%") == []


def test_pages_of_a_search_follow_each_other(archive: Archive) -> None:
    calls = [taken(archive, "khói", NOW + at) for at in range(3)]
    repository = CallRepository(archive.database)
    page = repository.page(CallFilter(words=("khoi",), limit=2))
    rest = repository.page(CallFilter(words=("khoi",), limit=2, cursor=page.next))
    assert [one.id for one in (*page.items, *rest.items)] == calls[::-1]
    assert rest.next is None


def test_sqlite_searches_in_the_index_alone(sqlite_archive: Archive) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, text: str, values: Any, *_: object) -> None:
        asked.append((text, values))

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        found(sqlite_archive, "khoi", scope=PC07, kinds=frozenset({"fire"}), since=NOW)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    ((text, values),) = [one for one in asked if "FROM call" in one[0]]
    with sqlite_archive.database.reading() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
    steps = [row.detail for row in plan if "ix_call" in row.detail]
    assert [step.partition(" (")[0] for step in steps] == [
        "SEARCH call USING COVERING INDEX ix_call_search"
    ]


def test_postgresql_finds_parts_of_words_by_their_index(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    archive = Archive(url)
    first = taken(archive, "khói ở tầng 3", NOW)
    assert found(archive, "kho", by_number=False) == [first]
    query = sa.text("EXPLAIN SELECT id FROM call WHERE words LIKE '%khoi%'")
    with archive.database.reading() as connection:
        for way in ("seqscan", "indexscan", "indexonlyscan"):  # few rows: any would be cheaper
            connection.execute(sa.text(f"SET LOCAL enable_{way} = off"))
        plan = "\n".join(connection.execute(query).scalars())
    archive.close()
    postgres.drop(url)
    assert "Bitmap Index Scan on ix_call_words" in plan


def test_postgresql_without_the_extension_searches_and_says_what_is_missing(
    postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The account may make tables, and no extension."""
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE keeper LOGIN")
        connection.execute("GRANT ALL ON SCHEMA public TO keeper")
    with caplog.at_level(logging.WARNING):
        archive = Archive(url.replace("//watch:", "//keeper:"))
    first = taken(archive, "khói ở tầng 3", NOW)
    assert found(archive, "kho") == [first]
    archive.database.downgrade("0007_senders_of_tokens")
    archive.close()
    assert "CREATE EXTENSION pg_trgm" in caplog.text
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY keeper")
        connection.execute("DROP ROLE keeper")
    postgres.drop(url)
