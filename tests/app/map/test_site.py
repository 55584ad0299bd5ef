"""What the screens are told of the site, and its own map, served from its disk alone."""

import json
from pathlib import Path

import pytest
from pmtiles.tile import TileType

from tests.app.map.archives import written
from tests.app.web_api.centre import Centre, Desk, serving
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.centre.intake import allowed_labels
from thapcanh.app.cli.demo import DRAWN, DRAWN_LAYERS
from thapcanh.app.map.site_map import MapFacts, MapKind, map_facts, map_file
from thapcanh.config.map import LayerKind, MapConfig, MapLayer
from thapcanh.config.rules import LABELS
from thapcanh.config.site import ObjectModelConfig

WARDS = {"type": "FeatureCollection", "features": []}
TILE = b"\x89PNG not really"


def _with_map(centre: Centre, path: Path) -> None:
    site = centre.site()
    facts = site.site.model_copy(update={"map": path})
    centre.site.replace(site.model_copy(update={"site": facts}))


def test_the_site_names_its_agencies_and_areas(standing_desk: Desk) -> None:
    site = standing_desk.get("/api/v1/site").json()
    assert site["name"] == "Trung tâm Thông tin chỉ huy"
    assert [one["name"] for one in site["agencies"]] == ["PCCC", "CSGT"]
    assert (site["areas"][1]["name"], site["areas"][1]["parent"]) == ("Hoàn Kiếm", "hanoi")
    assert site["map"] is None


def test_the_screen_is_told_how_near_two_cameras_agree(desk: Desk, centre: Centre) -> None:
    """It had 300 m of its own, whatever the site said."""
    site = centre.site()
    assert desk.get("/api/v1/site").json()["agrees_within_m"] == site.quiet_places.agrees_within_m
    wide = site.quiet_places.model_copy(update={"agrees_within_m": 900.0})
    centre.site.replace(site.model_copy(update={"quiet_places": wide}))
    assert desk.get("/api/v1/site").json()["agrees_within_m"] == 900.0


def test_the_screen_is_told_the_classes_of_the_sites_models_in_two_languages(
    desk: Desk, centre: Centre
) -> None:
    site = centre.site()
    before = desk.get("/api/v1/site").json()["classes"]
    assert before["motorcycle"] == {"vi": "xe máy", "en": "motorcycle"}
    assert len(before) == len(LABELS)
    things = ObjectModelConfig(weights="w.pt", labels=("dog", "forklift"))
    detector = site.detector.model_copy(update={"objects": things})
    centre.site.replace(site.model_copy(update={"detector": detector}))
    after = desk.get("/api/v1/site").json()["classes"]
    assert (after["dog"]["vi"], after["forklift"]["vi"]) == ("chó", "forklift")
    kinds = desk.get("/api/v1/site/rule-kinds").json()["items"]
    (intrusion,) = (one for one in kinds if one["kind"] == "intrusion")
    assert "dog" in intrusion["settings"]["properties"]["classes"]["items"]["enum"]
    assert "dog" in allowed_labels(centre.site()), "events about it are taken in"


def test_a_person_of_one_ward_learns_of_that_ward_and_its_city(centre: Centre) -> None:
    scope = DataFilter(agencies=frozenset({"csgt"}), areas=frozenset({"tay-ho"}))
    centre.add_user("binh", Role.OPERATOR, scope=scope)
    with serving(centre) as served, Desk(served.address) as desk:
        site = desk.log_in("binh").get("/api/v1/site").json()
    assert [one["id"] for one in site["agencies"]] == ["csgt"]
    assert [one["id"] for one in site["areas"]] == ["hanoi", "tay-ho"]


def test_outlines_are_served_and_nothing_beside_them(desk: Desk, centre: Centre) -> None:
    folder = centre.folder / "map"
    folder.mkdir()
    (folder / "wards.geojson").write_text(json.dumps(WARDS), encoding="utf-8")
    (folder / "secret.json").write_text("{}", encoding="utf-8")
    _with_map(centre, folder / "wards.geojson")
    facts = desk.get("/api/v1/site").json()["map"]
    assert (facts["kind"], facts["path"]) == ("outlines", "wards.geojson")
    answer = desk.get(f"/api/v1/map/{facts['path']}")
    assert answer.json() == WARDS
    assert answer.headers["content-type"] == "application/geo+json"
    for other in ("secret.json", "../archive.sqlite", "%2e%2e/archive.sqlite", "nothing.geojson"):
        assert desk.get(f"/api/v1/map/{other}").status_code == 404


def test_tiles_are_served_by_zoom(desk: Desk, centre: Centre) -> None:
    for zoom in (12, 14):
        tile = centre.folder / f"tiles/{zoom}/3252/1799.png"
        tile.parent.mkdir(parents=True)
        tile.write_bytes(TILE)
    (centre.folder / "tiles/notes.txt").write_text("private", encoding="utf-8")
    _with_map(centre, centre.folder / "tiles")
    facts = desk.get("/api/v1/site").json()["map"]
    assert (facts["kind"], facts["path"]) == ("tiles", "{z}/{x}/{y}.png")
    assert (facts["min_zoom"], facts["max_zoom"]) == (12, 14)
    answer = desk.get("/api/v1/map/12/3252/1799.png")
    assert (answer.content, answer.headers["content-type"]) == (TILE, "image/png")
    assert "max-age=86400" in answer.headers["cache-control"]
    assert desk.get("/api/v1/map/notes.txt").status_code == 404
    assert desk.get("/api/v1/map/13/0/0.png").status_code == 404


def test_pmtiles_are_served_in_parts_and_to_nobody_else(desk: Desk, centre: Centre) -> None:
    path = written(centre.folder / "city.pmtiles", tile_type=TileType.PNG)
    _with_map(centre, path)
    facts = desk.get("/api/v1/site").json()["map"]
    assert (facts["kind"], facts["attribution"]) == ("pmtiles", "© OpenStreetMap")
    part = {"Range": "bytes=10-19"}
    answer = desk.get("/api/v1/map/city.pmtiles", headers=part)
    assert (answer.status_code, answer.content) == (206, path.read_bytes()[10:20])
    desk.post("/api/v1/session/logout")
    desk.cookies.clear()
    assert desk.get("/api/v1/map/city.pmtiles", headers=part).status_code == 401


def test_a_vector_map_is_told_apart_and_its_version_follows_the_file(
    desk: Desk, centre: Centre
) -> None:
    path = written(centre.folder / "city.pmtiles", metadata={"thapcanh:drawn": True})
    _with_map(centre, path)
    facts = desk.get("/api/v1/site").json()["map"]
    assert (facts["kind"], facts["max_zoom"], facts["is_drawn"]) == ("vector", 15, True)
    written(path, zooms=(8, 14))
    newer = desk.get("/api/v1/site").json()["map"]
    assert newer["max_zoom"] == 14
    assert newer["version"] != facts["version"]
    path.write_bytes(path.read_bytes()[:200])  # being copied
    assert desk.get("/api/v1/site").json()["map"] is None


@pytest.mark.parametrize("name", ["missing.geojson", "notes.txt", "empty"])
def test_what_is_no_map_is_no_map(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("no map", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    assert map_facts(tmp_path / name) is None


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.png").write_bytes(TILE)
    tiles = tmp_path / "tiles" / "1" / "0"
    tiles.mkdir(parents=True)
    (tiles / "0.png").symlink_to(tmp_path / "outside.png")
    assert map_file(tmp_path / "tiles", "1/0/0.png") is None
    assert map_facts(None) is None
    assert map_facts(tmp_path / "tiles") == MapFacts(
        kind=MapKind.TILES, path="{z}/{x}/{y}.png", min_zoom=1, max_zoom=1
    )


def test_what_is_near_is_told_with_its_distance(desk: Desk, centre: Centre) -> None:
    near = {"lat": 21.0264, "lon": 105.85105}
    assert desk.get("/api/v1/map-layers/near", params=near).json() == {"items": []}
    layers = tuple(
        MapLayer(id=file, kind=LayerKind(kind), name=name, file=DRAWN / f"{file}.geojson")
        for kind, file, name in DRAWN_LAYERS
    )
    centre.site.replace(centre.site().model_copy(update={"map": MapConfig(layers=layers)}))
    assert desk.get("/api/v1/site").json()["has_map_layers"]
    told = desk.get("/api/v1/map-layers/near", params=near).json()["items"]
    assert [(one["kind"], one["is_readable"]) for one in told] == [
        (kind, True) for kind, _, _ in DRAWN_LAYERS
    ]
    assert told[0]["items"][0]["distance_m"] == pytest.approx(51.5, abs=1)
    assert told[1]["items"][0]["phone"] == "115"
    for wrong in ("lat=91&lon=0", "lat=nan&lon=0", "lat=21"):
        assert desk.get(f"/api/v1/map-layers/near?{wrong}").status_code == 422
