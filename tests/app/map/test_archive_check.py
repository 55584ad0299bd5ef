"""`thapcanh map check`: each fault of a street map in one sentence."""

from pathlib import Path
from typing import Any

import pytest
from pmtiles.tile import TileType

from tests.app.map.archives import HERE, NAMED, SCHEMA, vector_tile, written
from thapcanh.app.cli.demo import DRAWN_MAP
from thapcanh.app.cli.main import main
from thapcanh.app.map.archive import read_archive

NO_ROADS = [{"id": name, "fields": fields} for name, fields in SCHEMA.items() if name != "roads"]
NO_NAMES = [{"id": name, "fields": {}} for name in SCHEMA]


def checked(folder: Path, file: Path, *places: tuple[float, float]) -> int:
    config = folder / "thapcanh.toml"
    camera = '[[cameras]]\nid = "c{0}"\nname = "C"\nsource = "rtsp://10.0.0.1/x"\n'
    cameras = [
        f"{camera.format(i)}lat = {lat}\nlon = {lon}\n" for i, (lat, lon) in enumerate(places)
    ]
    config.write_text("".join(cameras), encoding="utf-8")
    return main(["map", "check", str(file), "-c", str(config)])


def test_a_good_map_is_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, written(tmp_path / "m.pmtiles"), HERE) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert "vector, zoom 8 to 15" in told.out
    assert "© OpenStreetMap; 1 of 1 cameras have a place" in told.out


def test_the_drawn_map_of_the_demo_has_streets_where_its_cameras_stand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(tmp_path, DRAWN_MAP, (21.0264, 105.85105), (21.0285, 105.8542)) == 0
    assert capsys.readouterr().err == ""
    assert read_archive(DRAWN_MAP).is_drawn
    assert DRAWN_MAP.stat().st_size < 300_000


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"zooms": (8, 12)}, "ends at zoom 12: small streets begin at 14"),
        ({"zooms": (13, 15)}, "begins at zoom 13"),
        ({"tile_type": TileType.PNG}, "holds pictures, not vectors"),
        ({"tile_type": TileType.UNKNOWN}, "browsers cannot draw"),
        ({"metadata": {"attribution": None}}, "names no source"),
        ({"metadata": {"vector_layers": NO_ROADS}}, "lists no layer roads of the Protomaps"),
        ({"metadata": {"vector_layers": NO_NAMES}}, "roads has no field name"),
        ({"max_lon_e7": 1058000000}, "leave out 1 camera: c0 (21.03000, 105.85000)"),
        ({"tile": vector_tile(("roads", ("kind",)))}, "no street with a name around 1 camera: c0"),
        ({"tile": b"no tile at all"}, "has a tile that is no vector tile"),
    ],
)
def test_each_fault_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], said: str
) -> None:
    path = written(tmp_path / "m.pmtiles", **changes)
    assert checked(tmp_path, path, HERE) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith(f"{path}: ")
    assert said in told


def test_a_hole_in_the_map_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, written(tmp_path / "m.pmtiles"), HERE, (21.06, 105.81)) == 1
    assert "has no tile at 1 camera: c1 (21.06000, 105.81000)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda _: b"", "does not begin with the word PMTiles"),
        (lambda data: b"PK\x03\x04" + data, "does not begin with the word PMTiles"),
        (lambda data: data[:60], "is cut off: 60 bytes, the header alone has 127"),
        (lambda data: data[:-1], "is cut off"),
        (lambda data: data[:7] + b"\x02" + data[8:], "is PMTiles version 2, version 3 is needed"),
        (lambda data: data[:99] + b"\xee" + data[100:], "has a damaged header"),
        (lambda data: data[:32] + b"\x05" + data[33:], "has damaged metadata"),
        (lambda data: data[:39] + b"\x01" + data[40:], "has damaged metadata: a part of"),
    ],
)
def test_what_is_damaged_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: Any, said: str
) -> None:
    path = written(tmp_path / "m.pmtiles")
    path.write_bytes(damage(path.read_bytes()))
    assert checked(tmp_path, path, HERE) == 1
    assert said in capsys.readouterr().err


def test_without_a_configuration_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "m.pmtiles", NAMED)
    assert main(["map", "check", str(path), "-c", str(tmp_path / "none.toml")]) == 0
    assert "no configuration: cameras' places were not compared" in capsys.readouterr().out
    assert main(["map", "check", str(tmp_path / "none.pmtiles")]) == 1
    assert "cannot be read: No such file" in capsys.readouterr().err
