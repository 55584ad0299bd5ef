"""Positions of units over HTTP: told by programs, judged, shown with their age and way."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from tests.app.positions.drawn_roads import DRAWN, ROADS, tiles_of
from tests.app.signals.test_signals_api import token_of
from tests.app.web_api.centre import NOW, Centre, Desk, serving
from tests.patience import PATIENCE_S
from thapcanh.alerts.incidents.units.unit_store import UnitRepository
from thapcanh.alerts.incidents.units.units import Unit, UnitKind
from thapcanh.alerts.positions.position_store import PositionRepository, unit_track
from thapcanh.alerts.store.distance import distance_m
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.roles import EVERYTHING, Actor, DataFilter, Role
from thapcanh.app.centre.web.application import create_app
from thapcanh.app.delivery.mqtt_positions import read_location
from thapcanh.app.positions.position_service import PositionService
from thapcanh.app.positions.roads import Roads, WayKind, line_way
from thapcanh.app.web_api.access.token_scopes import TokenScope

HERE = (21.03, 105.85)
LEADER = Actor(username="ld", name="ld", role=Role.LEADER)


class Positions:
    """A centre with two vehicles, and a program that tells where they are."""

    def __init__(self, centre: Centre, roads: Roads | None = None) -> None:
        self.centre = centre
        self.kept = PositionRepository(centre.archive.database)
        self.desk = PositionService(self.kept, centre.clock)
        self.roads = roads
        self.client = httpx.Client()
        units = [
            Unit(id="xe-1", name="Xe 1", kind=UnitKind.FIRE_ENGINE, agency="pc07"),
            Unit(id="xe-2", name="Xe 2", kind=UnitKind.AMBULANCE, agency="csgt"),
        ]
        UnitRepository(centre.archive.database).save(LEADER, units, NOW)

    def tell(
        self, place: tuple[float, float], at: float = NOW, unit: str = "xe-1"
    ) -> httpx.Response:
        body = {"unit": unit, "lat": place[0], "lon": place[1], "at": _iso(at)}
        return self.client.post("/api/v1/positions", json=body)


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


@contextmanager
def served(
    centre: Centre, roads: Roads | None = None, scope: DataFilter = EVERYTHING
) -> Iterator[Positions]:
    told = Positions(centre, roads)
    app = create_app(replace(centre.services(), positions=told.desk, roads=roads))
    token = token_of(centre, TokenScope.POSITIONS, TokenScope.READ, scope=scope)
    headers = {"Authorization": f"Bearer {token}"}
    with serving(centre, app=app) as address:
        told.client = httpx.Client(
            base_url=address.address, headers=headers, trust_env=False, timeout=PATIENCE_S
        )
        with told.client:
            yield told


def test_a_position_is_shown_at_once_and_written_with_the_others(centre: Centre) -> None:
    with served(centre) as told:
        assert told.tell(HERE).json() == {"outcome": "moved"}
        assert told.tell((21.031, 105.85), NOW - 30).json() == {"outcome": "late"}
        centre.clock.at += 40
        units = {one["id"]: one for one in told.client.get("/api/v1/units").json()["items"]}
        assert (units["xe-1"]["lat"], units["xe-1"]["position_age_s"]) == (HERE[0], 40.0)
        assert units["xe-2"]["position_age_s"] is None
        told.desk.flush()
        told.desk.flush()
        assert told.kept.units()["xe-1"].place == HERE
        path = f"/api/v1/units/xe-1/track?since={NOW - 60}&until={NOW + 60}"
        assert told.client.get(path).status_code == 403  # officers see where their own people were
        track = told.kept.track("xe-1", NOW - 60, NOW + 60)
        assert track is not None
        assert [one.at for one in track] == [NOW - 30, NOW]
    assert centre.archive.verify_chain().ok


def test_what_cannot_be_right_is_refused_in_words(centre: Centre) -> None:
    with served(centre) as told:
        told.tell(HERE)
        for place, at, error, word in (
            ((0.0, 0.0), NOW, "unit_position_zero", "định vị"),
            ((13.75, 100.5), NOW, "unit_position_abroad", "Việt Nam"),
            ((21.39, 105.85), NOW + 5, "unit_position_jump", "40 km"),
            (HERE, NOW + 3600, "unit_position_future", "giờ"),
            (HERE, NOW - 2 * 86_400, "unit_position_old", "ngày"),
        ):
            refused = told.tell(place, at)
            assert (refused.status_code, refused.json()["error"]) == (422, error)
            assert word in refused.json()["detail"]
        assert told.tell(HERE, unit="xe-9").json()["error"] == "no_such_unit"
        items = [
            {"unit": "xe-1", "lat": HERE[0], "lon": HERE[1], "at": _iso(NOW + 1)},
            {"unit": "xe-1", "lat": 0, "lon": 0, "at": _iso(NOW + 2)},
        ]
        answer = told.client.post("/api/v1/positions/list", json={"items": items}).json()
        assert [(one["outcome"], one["error"]) for one in answer["items"]] == [
            ("moved", None),
            (None, "unit_position_zero"),
        ]
        told.desk.flush()
        assert told.kept.units()["xe-1"].at == NOW + 1


def test_traccars_form_is_taken_and_another_agencys_unit_is_not(centre: Centre) -> None:
    with served(centre, scope=DataFilter(agencies=frozenset({"pc07"}))) as told:
        path = "/api/v1/positions/osmand"
        query: dict[str, str | float] = {
            "id": "xe-1",
            "lat": 21.03,
            "lon": 105.85,
            "timestamp": NOW,
            "speed": 4.2,
        }
        assert told.client.post(path, params=query).json() == {"outcome": "moved"}
        later = query | {"timestamp": (NOW + 2) * 1000}
        assert told.client.post(path, params=later).json() == {"outcome": "moved"}
        assert told.client.post(path, params=query | {"id": "xe-2"}).status_code == 404
        assert told.client.post(path, params=query | {"lat": "north"}).status_code == 422


def test_people_and_other_powers_tell_no_position(centre: Centre, desk: Desk) -> None:
    body = {"unit": "xe-1", "lat": 21.03, "lon": 105.85, "at": _iso(NOW)}
    headers = {"X-CSRF-Token": desk.csrf}
    answer = desk.request("POST", "/api/v1/positions", headers=headers, json=body)
    assert answer.status_code == 403


def test_positions_wait_while_the_archive_is_away(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise ArchiveUnreachable("away")

    told = Positions(centre)
    told.desk.receive("xe-1", HERE, NOW)
    with monkeypatch.context() as patch:
        patch.setattr(PositionRepository, "write", away)
        told.desk.flush()
    told.desk.flush()
    assert told.kept.units()["xe-1"].place == HERE


def test_tracks_are_forgotten_by_their_age(centre: Centre) -> None:
    told = Positions(centre)
    for second in range(3):
        told.desk.receive("xe-1", HERE, NOW + second)
    told.desk.flush()
    assert told.kept.forget(NOW) == 0
    assert told.kept.forget(NOW + 86_400) == 3
    with centre.archive.database.reading() as connection:
        assert connection.execute(sa.select(unit_track)).all() == []
    assert told.kept.units()["xe-1"].place == HERE


ANSWERS = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    print("a library says something", flush=True)
    ways = [None if lat > 21.05 else [60.0, 900.0] for lat, _ in asked["from"]]
    print(json.dumps({"id": asked["id"], "ways": ways}), flush=True)
"""


def test_the_nearest_by_road_comes_first_and_a_line_is_named(
    centre: Centre, tmp_path: Path
) -> None:
    roads = Roads(lambda: tmp_path, (sys.executable, "-c", ANSWERS))
    with served(centre, roads) as told:
        told.tell((21.06, 105.85))
        told.tell((21.04, 105.85), unit="xe-2")
        path = "/api/v1/units?lat=21.03&lon=105.85"
        first, second = told.client.get(path).json()["items"]
        assert (first["id"], first["by"], first["road_m"]) == ("xe-2", "road", 900.0)
        assert (second["id"], second["by"], round(second["road_m"])) == ("xe-1", "line", 3336)
        assert told.client.get("/api/v1/units?lat=21").json()["error"] == "half_a_point"
    roads.close()


@pytest.mark.parametrize(
    "script",
    [
        "import sys; sys.exit(3)",
        "import time; time.sleep(600)",
        'import sys\nfor line in sys.stdin: print(\'{"id": 1, "ways": []}\', flush=True)',
    ],
)
def test_roads_that_do_not_answer_become_lines_at_once(tmp_path: Path, script: str) -> None:
    begun = tmp_path / "begun"
    begun.touch()
    script = f"print(file=open({str(begun)!r}, 'a'))\n{script}"
    roads = Roads(lambda: tmp_path, (sys.executable, "-c", script), within_s=0.2, first_s=1.0)
    for _ in range(3):
        (way,) = roads.ways([HERE], (21.04, 105.85))
        assert way == line_way(HERE, (21.04, 105.85))
        assert way.by is WayKind.LINE
    assert begun.read_text().count("\n") <= 1, "the child is not asked again at once"
    roads.close()


def test_owntracks_locations_are_read_and_nothing_else() -> None:
    told = {"_type": "location", "lat": 21.03, "lon": 105.85, "tst": 1_795_570_000, "tid": "x1"}
    assert read_location(json.dumps(told).encode()) == (HERE, 1_795_570_000.0)
    for wrong in (
        {"_type": "transition"},
        {"lat": "21"},
        {"lat": True},
        {"lat": 91},
        {"tst": None},
        {"tst": -1},
        {"lat": 10**400},
        {"tst": 10**400},
    ):
        with pytest.raises(ValueError, match=r"."):
            read_location(json.dumps(told | wrong).encode())
    for junk in (b"", b"[]", b"\xff", b"{" * 100, b"[" * 4000, b"x" * 5000):
        with pytest.raises(ValueError, match=r"."):
            read_location(junk)


def test_valhalla_knows_that_the_bridge_is_far(centre: Centre, tmp_path: Path) -> None:
    pytest.importorskip("valhalla", reason="the extra `roads` is not installed")
    tiles = tiles_of(tmp_path, ROADS)
    roads = Roads(lambda: tiles)
    try:
        with served(centre, roads) as told:
            told.tell(DRAWN["over the river"])
            told.tell(DRAWN["same bank"], unit="xe-2")
            lat, lon = DRAWN["fire"]
            first, second = told.client.get(f"/api/v1/units?lat={lat}&lon={lon}").json()["items"]
        assert (first["id"], first["by"]) == ("xe-2", "road")
        assert (second["id"], second["by"]) == ("xe-1", "road")
        assert 1900 < first["road_m"] < 2200
        assert 5000 < second["road_m"] < 6000
        assert first["road_s"] < second["road_s"]
        route = roads.route((second["lat"], second["lon"]), (first["lat"], first["lon"]))
        assert (route.way.by, len(route.points) > 2) == (WayKind.ROAD, True)
        assert distance_m(route.points[0], (second["lat"], second["lon"])) < 50
        far = roads.route((9.0, 105.0), (9.1, 105.0))
        assert (far.way.by, len(far.points)) == (WayKind.LINE, 2)
    finally:
        roads.close()
