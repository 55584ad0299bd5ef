"""`thapcanh check` looks at the files that a configuration names, and tells all of it at once."""

import shutil
from pathlib import Path

import pytest

from app.cli.main import main

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
