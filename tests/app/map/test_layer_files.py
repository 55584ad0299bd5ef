"""The site's layers: what is near, and one sentence for each feature that cannot be used."""

import json
from pathlib import Path
from typing import Any

import pytest

from thapcanh.app.cli.demo import DRAWN, DRAWN_LAYERS
from thapcanh.app.cli.main import main
from thapcanh.app.map.layer_files import read_layer
from thapcanh.app.map.nearby_routes import nearby
from thapcanh.config.map import LayerKind, MapLayer

HERE = (21.03, 105.85)


def feature(lon: float, lat: float, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
    }


def layer(folder: Path, *features: object, kind: str = "hydrant", **more: Any) -> MapLayer:
    path = folder / f"{kind}.geojson"
    content = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(content), encoding="utf-8")
    return MapLayer(id=kind, kind=LayerKind(kind), name="Lớp", file=path, **more)


def test_the_nearest_come_first_and_none_from_too_far(tmp_path: Path) -> None:
    hydrants = layer(
        tmp_path,
        feature(105.86, 21.03, ref=12),
        feature(105.8505, 21.03, name="Gần"),
        feature(105.85, 21.0318, name="Nhì"),
        feature(105.85, 21.06, name="Xa"),
        shown=3,
    )
    [near] = nearby((hydrants,), *HERE)
    told = [(one.feature.name, round(one.distance_m)) for one in near.found]
    assert told == [("Gần", 52), ("Nhì", 200), ("12", 1038)]


def test_a_file_that_changed_is_read_again_and_one_that_is_lost_is_said(tmp_path: Path) -> None:
    hydrants = layer(tmp_path, feature(105.85, 21.03))
    assert len(nearby((hydrants,), *HERE)[0].found) == 1
    layer(tmp_path, feature(105.85, 21.03), feature(105.85, 21.03))
    assert len(nearby((hydrants,), *HERE)[0].found) == 2
    hydrants.file.unlink()
    [near] = nearby((hydrants,), *HERE)
    assert (near.is_readable, near.found) == (False, ())


def test_a_building_stands_in_its_middle(tmp_path: Path) -> None:
    square = [[[105.84, 21.02], [105.86, 21.02], [105.86, 21.04], [105.84, 21.04]]]
    station = {
        "properties": {"ten": "Đội 1", "dien_thoai": "114"},
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    [near] = nearby((layer(tmp_path, station, kind="station"),), *HERE)
    [found] = near.found
    assert (found.feature.name, found.feature.phone) == ("Đội 1", "114")
    assert found.distance_m == pytest.approx(0, abs=1)


@pytest.mark.parametrize(
    ("kind", "wrong", "said"),
    [
        ("hydrant", "x", "is no object"),
        ("hydrant", {"geometry": None}, "has no geometry"),
        ("hydrant", {"geometry": {"type": "Point", "coordinates": []}}, "(Point) has no coord"),
        ("hydrant", feature(21.03, 105.85), "longitude and latitude are exchanged"),
        ("hydrant", feature(586_000.0, 2_325_000.0), "is no longitude and latitude in degrees"),
        ("hydrant", feature(105.0, 21.0, phone="gọi anh Ba"), "'gọi anh Ba' is no phone number"),
        ("hydrant", feature(10**400, 21.0), "its coordinates are no numbers"),
        ("station", feature(105.0, 21.0), "has no name"),
        ("access", feature(105.0, 21.0, name="Ngõ"), "has no note"),
        ("phone", feature(105.0, 21.0, name="Điện lực"), "has no phone number"),
    ],
)
def test_what_is_wrong_is_named_and_left_out(
    tmp_path: Path, kind: str, wrong: object, said: str
) -> None:
    right = feature(105.85, 21.03, name="Đúng", phone="024 3825 0000", note="Cổng sau")
    reading = read_layer(layer(tmp_path, right, wrong, kind=kind))
    assert [one.name for one in reading.features] == ["Đúng"]
    [fault] = reading.faults
    assert fault.startswith("feature 2: ")
    assert said in fault


def test_check_tells_of_each_layer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layer(tmp_path, *([feature(21.03, 105.85)] * 7))
    (tmp_path / "b.geojson").write_text("{", encoding="utf-8")
    config = tmp_path / "thapcanh.toml"
    text = '[[map.layers]]\nid = "{0}"\nkind = "hydrant"\nname = "A"\nfile = "{1}"\n'
    config.write_text(
        text.format("a", "hydrant.geojson") + text.format("b", "b.geojson"), encoding="utf-8"
    )
    assert main(["check", "-c", str(config)]) == 1
    told = capsys.readouterr().err
    assert f"map.layers.a.file: {tmp_path / 'hydrant.geojson'}: feature 1: latitude" in told
    assert "2 more features left out" in told
    assert f"map.layers.b.file: {tmp_path / 'b.geojson'}: is no JSON" in told
    config.write_text(text.format("a", "x") + text.format("a", "x"), encoding="utf-8")
    assert main(["check", "-c", str(config)]) == 1
    assert "the id 'a' is used twice" in capsys.readouterr().err


def test_the_demo_has_layers_without_a_fault() -> None:
    for kind, file, name in DRAWN_LAYERS:
        path = DRAWN / f"{file}.geojson"
        reading = read_layer(MapLayer(id=file, kind=LayerKind(kind), name=name, file=path))
        assert reading.faults == ()
        assert reading.features
