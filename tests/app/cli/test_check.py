"""`thapcanh check` looks at the files that a configuration names, and tells all of it at once."""

import shutil
from pathlib import Path

import pytest

from thapcanh.app.cli.main import main

CAMERA = '[[cameras]]\nid = "a"\nname = "A"\nsource = "rtsp://10.0.0.1/x"\n'


def checked(tmp_path: Path, text: str) -> int:
    path = tmp_path / "thapcanh.toml"
    path.write_text(text, encoding="utf-8")
    return main(["check", "-c", str(path)])


def test_what_is_right_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(tmp_path, CAMERA) == 0
    assert "1 camera, 2 rules run" in capsys.readouterr().out


def test_each_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        '[site]\nmap = "m.geojson"\n[centre]\ncertificate = "c.pem"\nkey = "k.pem"\n'
        '[detector]\nweights = "watch9x"\n'
        '[[drills.scenarios]]\nid = "d"\nname = "d"\nvideo = "d.mp4"\n'
        '[[cameras]]\nid = "f"\nname = "F"\nsource = "f.mp4"\n'
    )
    assert checked(tmp_path, text) == 1
    told = capsys.readouterr()
    for place in (
        "site.map: ",
        "centre.certificate: ",
        "centre.key: ",
        "drills.scenarios.d.video: ",
        "cameras.f.source: ",
    ):
        assert f"{place}{tmp_path}" in told.err
    assert "detector.weights: weights watch9x: cannot be read" in told.err
    assert "6 problems with what it names" in told.out


def test_files_that_are_there_are_fine(tmp_path: Path) -> None:
    shutil.copy(__file__, tmp_path / "f.mp4")
    assert checked(tmp_path, '[[cameras]]\nid = "f"\nname = "F"\nsource = "f.mp4"\n') == 0


def test_a_target_for_callers_that_nobody_tests_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was said of it; that it does not text was learnt when a caller needed it."""
    target = (
        '[[targets]]\nid = "sms"\nkind = "apprise"\ncaller_links = true\n'
        'url = "smseagles://token@10.0.0.6/{number}"\n'
    )
    assert checked(tmp_path, CAMERA + target) == 0
    assert "hint: targets.sms: texts callers and is never tested" in capsys.readouterr().out
    assert checked(tmp_path, CAMERA + target + 'test_number = "02400000000"\n') == 0
    assert "never tested" not in capsys.readouterr().out


def test_the_second_stream_is_proposed_and_no_login_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    camera = (
        '[[cameras]]\nid = "{0}"\nname = "{0}"\n'
        'source = "rtsp://u:hush-hush@10.0.0.1/Streaming/Channels/{1}"\n'
    )
    assert checked(tmp_path, camera.format("a", "101") + camera.format("b", "102")) == 0
    told = capsys.readouterr()
    assert "1 camera watched by the first stream" in told.out
    assert "a: rtsp://u:<secret>@10.0.0.1/Streaming/Channels/102" in told.out
    assert "hush-hush" not in told.out + told.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[site]\ndata_dir = "/etc/passwd"\n' + CAMERA, "site.data_dir: /etc/passwd is no folder"),
        ('[site]\nname = "x"\n', "cameras: none, so nothing is watched"),
        ('[registry]\nsource = "fleet"\n' + CAMERA, "the head hands out cameras, not this file"),
        ('[cluster]\nhead = "10.0.0.1:6380"\ntoken_file = "none.token"\n' + CAMERA,
         "cluster.token_file: "),
        (CAMERA + '[[cameras.zones]]\nid = "z"\nname = "Z"\n'
         "polygon = [[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]\n",
         "cameras.a.zones.z.polygon: crosses itself after points 0 and 2"),
    ],
)  # fmt: skip
def test_what_would_watch_nothing_or_not_start_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    assert checked(tmp_path, text) == 1
    assert told in capsys.readouterr().err


def test_a_camera_watched_without_its_place_is_not_called_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(tmp_path, CAMERA + "lat = 210.0\nlon = 105.8\n") == 1
    said = capsys.readouterr().out
    assert "1 camera, 2 rules run, 1 problem, watched without its place" in said


def test_every_file_that_the_configuration_may_name_is_looked_at(tmp_path: Path) -> None:
    """Each key that is a path is found by its type; none stands in a list that may be forgotten."""
    from thapcanh.app.cli.check import MADE_BY_THE_SITE, MADE_WHERE_MISSING, _paths_in
    from thapcanh.app.site.site_file import load_site

    path = tmp_path / "thapcanh.toml"
    path.write_text(
        '[site]\nmap = "m"\n[centre]\ncertificate = "c"\nkey = "k"\nplaces_file = "p"\n'
        'statistics_form = "f"\n'
        '[recording]\ndir = "e"\n[cluster]\nhead = "h:1"\ntoken_file = "t"\n'
        '[[map.layers]]\nid = "l"\nname = "L"\nkind = "hydrant"\nfile = "f"\n'
        '[[drills.scenarios]]\nid = "d"\nname = "D"\nvideo = "v"\n' + CAMERA + 'tls_ca = "ca"\n'
    )
    found = {place for place, _ in _paths_in(load_site(path).site_or_raise())}
    assert {
        "site.map",
        "centre.certificate",
        "centre.key",
        "centre.places_file",
        "centre.statistics_form",
        "recording.dir",
        "cluster.token_file",
        "map.layers.l.file",
        "drills.scenarios.d.video",
        "cameras.a.tls_ca",
    } <= found
    assert not found & MADE_WHERE_MISSING
    assert "site.data_dir" in found & MADE_BY_THE_SITE
