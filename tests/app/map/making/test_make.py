"""`thapcanh map make`: an extract of OpenStreetMap becomes a map that the screens can draw."""

import sys
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest

from tests.app.map.making.drawn_extract import HERE, SQUARES, write_extract
from thapcanh.app.cli.main import main
from thapcanh.app.map.archive import read_archive, tile_at


def _make(extract: Path, file: Path, *more: str) -> int:
    return main(["map", "make", str(extract), str(file), *more])


def _drawn(file: Path, zoom: int, at: tuple[float, float]) -> dict[str, Any]:
    """What a tile shows, by layer: the facts of each thing."""
    tile = tile_at(read_archive(file), zoom, *at)
    layers = {} if tile is None else mapbox_vector_tile.decode(tile)
    return {
        name: [one["properties"] for one in layer["features"]] for name, layer in layers.items()
    }


def test_what_is_made_is_drawn_at_its_place_and_zoom(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hanoi.pmtiles"
    assert _make(write_extract(tmp_path / "hanoi.osm.pbf"), file) == 0
    assert "roads 2, water 2" in capsys.readouterr().out
    assert main(["map", "check", str(file), "-c", str(tmp_path / "none.toml")]) == 0
    near = _drawn(file, 15, HERE)
    assert {one["name"] for one in near["roads"]} == {"Đại Cồ Việt", "Ngõ 12"}
    assert [one["kind"] for one in near["earth"]] == ["earth"]
    assert [one["name"] for one in near["places"]] == ["Cửa Nam"]
    assert "Hồ Gươm" in {one["name"] for one in near["water"]}
    police = _drawn(file, 15, SQUARES["building"])
    assert [one["kind"] for one in police["buildings"]] == ["building"]
    assert [(one["kind"], one["name"]) for one in police["pois"]] == [("police", "CA")]
    far = _drawn(file, 10, HERE)
    assert [one["name"] for one in far["roads"]] == ["Đại Cồ Việt"]
    assert "buildings" not in far
    assert _drawn(file, 15, (40.0, 10.0)) == {}


def test_the_same_extract_gives_the_same_bytes(tmp_path: Path) -> None:
    extract = write_extract(tmp_path / "a.osm.pbf")
    files = [tmp_path / folder / "a.pmtiles" for folder in ("one", "two")]
    for file in files:
        file.parent.mkdir()
        assert _make(extract, file) == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_coast_is_told_since_the_sea_is_not_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extract = write_extract(tmp_path / "a.osm.pbf", has_coast=True)
    assert _make(extract, tmp_path / "a.pmtiles") == 0
    assert "the sea is drawn as land" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((), "does not say what it covers: give --bounds west,south,east,north"),
        (("--bounds", "105,21,104,22"), "expected west < east"),
        (("--bounds", "here"), "expected west,south,east,north"),
        (("--bounds", "10,50,11,51"), "no street, water or place within the bounds"),
    ],
)
def test_bounds_that_are_missing_or_wrong_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], words: str
) -> None:
    extract = write_extract(tmp_path / "a.osm.pbf", says_bounds=False)
    assert _make(extract, tmp_path / "a.pmtiles", *more) != 0
    assert words in capsys.readouterr().err
    assert not (tmp_path / "a.pmtiles").exists()


def test_a_file_that_is_no_extract_leaves_the_map_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.pmtiles"
    whole = write_extract(tmp_path / "whole.osm.pbf")
    assert _make(whole, file) == 0
    before = file.read_bytes()
    broken, text = tmp_path / "broken.osm.pbf", tmp_path / "text.osm.pbf"
    broken.write_bytes(whole.read_bytes()[:-40])
    text.write_text("streets", encoding="utf-8")
    for wrong in (broken, text, tmp_path / "none.osm.pbf"):
        assert _make(wrong, file, "--bounds", "105.83,21.01,105.87,21.05") == 1
        assert str(wrong) in capsys.readouterr().err
    assert file.read_bytes() == before
    assert _make(whole, tmp_path / "map.tiles") == 2
    assert "ends in .pmtiles" in capsys.readouterr().err


def test_without_its_libraries_the_command_names_the_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "osmium", None)
    monkeypatch.delitem(sys.modules, "thapcanh.app.map.making.osm_features", raising=False)
    assert _make(tmp_path / "a.osm.pbf", tmp_path / "a.pmtiles") == 1
    assert "pip install 'thapcanh[map]'" in capsys.readouterr().err
