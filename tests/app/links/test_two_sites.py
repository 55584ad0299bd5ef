"""Two real centres over real HTTP: a ward's fire is a row of the city's desk, once."""

from pathlib import Path
from typing import Any

from tests.app.links.linked_sites import LinkedSite, awaited, two_sites
from tests.app.web_api.centre import Desk


def rows_of_sites(site: LinkedSite, desk: Desk) -> list[dict[str, Any]]:
    return [one for one in site.worklist(desk) if "site" in {s["kind"] for s in one["sources"]}]


def test_a_fire_of_the_ward_is_a_row_of_the_citys_desk(tmp_path: Path) -> None:
    with two_sites(tmp_path) as (city, ward), city.desk() as desk:
        ward.centre.raise_alert("cam-1", priority=1)
        (row,) = awaited(lambda: rows_of_sites(city, desk), "the row")
        assert row["kind"] == "fire"
        assert row["place"]["text"].startswith("Phường Hoàn Kiếm: Camera cam-1")
        assert [one["kind"] for one in row["sources"]] == ["site"]


def test_a_fire_comes_once_through_a_kill_and_a_cut_line(tmp_path: Path) -> None:
    with two_sites(tmp_path) as (city, ward), city.desk() as desk:
        ward.centre.raise_alert("cam-1", priority=1)
        awaited(lambda: rows_of_sites(city, desk), "the first row")
        city.kill()  # the line is cut: nobody answers there
        for site in (city, ward):
            site.centre.clock.at += 3600
        ward.centre.raise_alert("cam-2", priority=1, kind="fire")
        awaited(lambda: ward.link.waiting, "what waits for the line")
        ward.kill()
        for site in (city, ward):
            site.centre.clock.at += 7 * 86_400
        city.begin()
        ward.begin()
        with Desk(city.address) as desk_again:
            desk_again.log_in("an")
            awaited(lambda: len(rows_of_sites(city, desk_again)) == 2, "both rows")
            awaited(lambda: not ward.link.waiting, "the receipts")
            places = [one["place"]["text"] for one in rows_of_sites(city, desk_again)]
        assert sorted(places) == [
            "Phường Hoàn Kiếm: Camera cam-1",
            "Phường Hoàn Kiếm: Camera cam-2",
        ]
