"""Links through what happens to sites: clocks that differ, backups, levels, ends, databases."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.alerts.conftest import PostgresServer
from tests.app.links.linked_sites import ADMIN, LinkedSite, awaited, joined, sites, two_sites
from tests.app.links.test_deciding import act, shown
from tests.app.links.test_two_sites import rows_of_sites
from tests.app.web_api.centre import Desk
from thapcanh.alerts.delivery.outbox.routing_store import RoutingStore
from thapcanh.alerts.links.link_records import LinkItem
from thapcanh.alerts.links.outgoing import OutgoingReports
from thapcanh.alerts.store.outbox.outbox import outbox_event

_POINTS = ["sources", "unseen", "blind"]


def close_at(desk: Desk, incident: str) -> None:
    body: dict[str, Any] = {"disposition": "nothing_found", "report": "không", "despite": _POINTS}
    answer = act(desk, incident, "close", **body)
    assert answer.status_code == 200, answer.text


def fire_at(lower: LinkedSite, below: Desk, upper: LinkedSite, above: Desk) -> tuple[str, str]:
    """Raise a fire; return its incident at the upper and at the lower site."""
    lower.centre.raise_alert("cam-1", priority=1)
    (row,) = awaited(lambda: rows_of_sites(upper, above), "the row")
    return row["id"], lower.worklist(below)[0]["id"]


@contextmanager
def officers(*at: LinkedSite) -> Iterator[list[Desk]]:
    """Yield an officer at each site."""
    first, *others = at
    with first.desk() as desk:
        if not others:
            yield [desk]
            return
        with officers(*others) as desks:
            yield [desk, *desks]


def test_a_restored_backup_of_the_ward_loses_nothing_that_happens_after(tmp_path: Path) -> None:
    archive, backup = tmp_path / "1" / "archive.sqlite", tmp_path / "backup.sqlite"
    with two_sites(tmp_path) as (city, ward), city.desk() as above:
        with ward.desk("binh") as below:
            at_city, at_ward = fire_at(ward, below, city, above)
            awaited(lambda: not ward.link.waiting, "the receipts")
            copy(archive, backup)
            assert act(below, at_ward, "assess", kind="explosion", priority=1).status_code == 200
            awaited(lambda: shown(above, at_city)["state"] == "assessed", "the verdict")
            awaited(lambda: not ward.link.waiting, "its receipt")
        ward.kill()
        copy(backup, archive)  # the ward's numbers begin again from there
        for site in (city, ward):
            site.centre.clock.at += 60
        ward.begin()
        with Desk(ward.address) as below:
            below.log_in("binh")
            assert shown(below, at_ward)["state"] == "open"
            close_at(below, at_ward)
        awaited(lambda: shown(above, at_city)["state"] == "closed", "the end")


def copy(source: Path, to: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(to)) as other:
        one.backup(other)


def test_a_fire_of_the_third_level_is_seen_ended_and_decided_at_the_top(tmp_path: Path) -> None:
    with (
        sites(tmp_path, "Bộ", "Thành phố", "Phường") as (top, city, ward),
        officers(top, city, ward) as (above, _, below),
    ):
        joined(top, city)
        joined(city, ward)
        at_top, at_ward = fire_at(ward, below, top, above)
        (row,) = rows_of_sites(top, above)
        assert row["place"]["text"] == "Thành phố: Phường: Camera cam-1"
        assert act(above, at_top, "take_over", words="").status_code == 200
        awaited(lambda: decides(below, at_ward) == "upper", "who decides at the ward")
        assert act(above, at_top, "assess", kind="explosion", priority=1).status_code == 200
        awaited(lambda: shown(below, at_ward)["kind"] == "explosion", "the top's decision")


def decides(desk: Desk, incident: str) -> str:
    return str(desk.get(f"/api/v1/incidents/{incident}/links").json()["items"][0]["decides"])


@pytest.mark.parametrize("by_upper", [True, False])
def test_either_site_ends_a_link_and_the_other_one_learns_it(
    tmp_path: Path, by_upper: bool
) -> None:
    with two_sites(tmp_path) as (city, ward), city.desk() as above:
        by, other = (city, ward) if by_upper else (ward, city)
        by.links.end(ADMIN, by.link.id, by.centre.clock.utc())
        awaited(lambda: other.link.ended_at is not None, "the end at the other site")
        assert other.link.ended_by == by.centre.site().site.name
        ward.centre.raise_alert("cam-1", priority=1)
        ward.service.round()
        assert not rows_of_sites(city, above)
        joined(city, ward)  # and they may link again
        ward.centre.raise_alert("cam-2", priority=1)
        assert awaited(lambda: rows_of_sites(city, above), "a fire after the second link")


def test_links_work_on_postgresql(tmp_path: Path, postgres: PostgresServer) -> None:
    url = postgres.new_database()
    with (
        sites(tmp_path, "Thành phố", "Phường", url=url) as (city, ward),
        officers(city, ward) as (above, below),
    ):
        joined(city, ward)
        at_city, at_ward = fire_at(ward, below, city, above)
        assert act(above, at_city, "take_over", words="").status_code == 200
        awaited(lambda: decides(below, at_ward) == "upper", "who decides at the ward")
        city.links.end(ADMIN, city.link.id, city.centre.clock.utc())
        awaited(lambda: ward.link.ended_at is not None, "the end")
    postgres.drop(url)


def test_an_upper_site_gets_nothing_that_is_not_shared(tmp_path: Path) -> None:
    with two_sites(tmp_path) as (city, ward), officers(city, ward) as (above, below):
        _, at_ward = fire_at(ward, below, city, above)
        mine, foreign = f"incident/{at_ward}", "incident/0196f0aa-0000-7000-8000-00000000ffff"
        asked: list[tuple[str, str, dict[str, Any]]] = [
            (f"film/{at_ward}", "film_request", {}),
            ("sharing", "sharing", {"priority": 3, "film": True}),
            (foreign, "report", {"incident": {"kind": "fire", "state": "closed"}}),
            (foreign, "take_over", {}),
            (mine, "help", {}),
        ]
        items = [
            LinkItem(seq=900 + number, subject=subject, kind=kind, at=0.0, data=data)
            for number, (subject, kind, data) in enumerate(asked)
        ]
        receipts = ward.service.way.receive(ward.link, items)
        assert [one.refused for one in receipts] == [
            "link_not_shared", "link_not_yours", "link_not_shared", "link_not_shared",
            "link_not_yours",
        ]  # fmt: skip
        assert not ward.link.sharing.film


def test_a_fire_that_delivery_routed_first_and_an_officer_ended_at_once_goes_up(
    tmp_path: Path,
) -> None:
    with two_sites(tmp_path) as (city, ward), officers(city, ward) as (above, below):
        ward.service.stop()  # its thread had no turn yet
        database = ward.centre.archive.database
        ward.centre.raise_alert("cam-1", priority=1)
        close_at(below, ward.worklist(below)[0]["id"])
        RoutingStore(database).route([], no_target, ward.centre.clock.utc())
        assert events(ward)
        ward.kill()
        ward.begin()
        (number,) = awaited(lambda: closed_at(above), "the fire, ended")
        assert number
        OutgoingReports(database).delete_read()
        assert not events(ward)


def no_target(*_: Any) -> Any:
    raise AssertionError("there is no target")


def events(site: LinkedSite) -> int:
    with site.centre.archive.database.reading() as connection:
        count = sa.select(sa.func.count()).select_from(outbox_event)
        return int(connection.execute(count).scalar_one())


def closed_at(desk: Desk) -> list[str]:
    found = desk.get("/api/v1/incidents?state=closed").json()["items"]
    return [one["number"] for one in found if one["place"]["text"].startswith("Phường")]
