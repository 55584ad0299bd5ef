"""The demo's configuration is an ordinary one, whatever the videos are called."""

import threading
from pathlib import Path

import pytest

from thapcanh.app.cli.demo import DemoSettings, _cameras, _configuration, plain_id, run_demo
from thapcanh.app.cli.main import main
from thapcanh.app.site.site_file import load_site
from thapcanh.app.supervisor.child import ChildSpec
from thapcanh.app.supervisor.supervisor import specs_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Cổng số 1", "Cong-so-1"), ("đường Đê", "duong-De"), ("a b\"c'", "a-b-c"), ("火", "camera")],
)
def test_plain_id(text: str, expected: str) -> None:
    assert plain_id(text) == expected


def test_any_file_names_make_a_configuration_without_problems(tmp_path: Path) -> None:
    videos = tuple(tmp_path / name for name in ('cháy "1".mp4', "cháy 1.avi", "x\\y.mp4"))
    cameras = _cameras(videos)
    settings = DemoSettings(videos=videos, port=8081)
    path = tmp_path / "thapcanh.toml"
    path.write_text(_configuration(settings, cameras, tmp_path, 8554), encoding="utf-8")
    loaded = load_site(path)
    assert loaded.problems == ()
    site = loaded.site_or_raise()
    assert len({camera.id for camera in site.cameras}) == 3
    assert site.cameras[0].name == 'cháy "1"'
    assert site.centre.port == 8081


def test_a_missing_video_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["demo", str(tmp_path / "gone.mp4")])
    assert code != 0
    assert capsys.readouterr().err.endswith("gone.mp4: no such video file\n")


def test_workers_are_told_of_cameras_once_the_simulator_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = tmp_path / "a.mp4"
    video.touch()
    told: list[ChildSpec] = []

    def run(config: Path, stop: threading.Event, extra: tuple[ChildSpec, ...]) -> int:
        told.extend([*extra, *specs_of(load_site(config).site_or_raise(), config, tmp_path)])
        return 0

    monkeypatch.setattr("thapcanh.app.cli.demo.run_site", run)
    settings = DemoSettings(videos=(video,), port=8081, data_dir=tmp_path)
    assert run_demo(settings, threading.Event()) == 0
    simulator, *others = told
    source = load_site(tmp_path / "thapcanh.toml").site_or_raise().cameras[0].source
    assert f":{simulator.ready_port}/" in str(source)
    workers = [spec for spec in others if spec.name.startswith("worker")]
    assert workers
    assert all(spec.stage > simulator.stage for spec in workers)
