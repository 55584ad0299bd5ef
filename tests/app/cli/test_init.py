"""`thapcanh init`: a first configuration that works, from answers alone; all of it or nothing."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import MakeFilm
from thapcanh.app.cli.main import main
from thapcanh.app.simulator.running import running_simulator
from thapcanh.app.site.site_file import load_site
from thapcanh.config.files import create_file

PASSWORD = "p/a?s#s@ mật"

Init = Callable[..., tuple[int, str, str]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "new" / "thapcanh.toml"


@pytest.fixture
def init(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Init:
    def run(*answers: str, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{one}\n" for one in answers)))
        code = main(["init", "-c", str(config), *options])
        told = capsys.readouterr()
        assert PASSWORD not in told.out + told.err
        return code, told.out, told.err

    return run


def test_a_first_configuration_works(film: MakeFilm, config: Path, init: Init) -> None:
    with running_simulator([f"gate={film('plain.mp4')}"], user=f"an:{PASSWORD}") as cameras:
        address = f"rtsp://127.0.0.1:{cameras.port}/gate"
        code, out, err = init(address, 'Cổng "Bắc"', "an", PASSWORD, "")
    assert (code, err) == (0, "")
    assert "320 x 240" in out
    assert "1 camera, 2 rules run" in out
    site = load_site(config).site
    assert site is not None
    (camera,) = site.cameras
    assert camera.name == 'Cổng "Bắc"'
    assert "an:" in camera.source.reveal()
    secret = config.parent / "secrets" / "cam-1.password"
    assert PASSWORD not in config.read_text(encoding="utf-8")
    assert secret.read_text(encoding="utf-8") == f"{PASSWORD}\n"
    assert [path.stat().st_mode & 0o077 for path in (config, secret, secret.parent)] == [0, 0, 0]


def test_the_password_opens_the_camera_when_the_site_runs(
    film: MakeFilm, config: Path, init: Init
) -> None:
    from thapcanh.ingest.sources.probe import probe

    with running_simulator([f"gate={film('plain.mp4')}"], user=f"an:{PASSWORD}") as cameras:
        init(f"rtsp://127.0.0.1:{cameras.port}/gate", "", "an", PASSWORD, "")
        site = load_site(config).site
        assert site is not None
        assert probe(site.cameras[0].source).ok


def test_several_cameras_and_recorded_files_are_taken(
    film: MakeFilm, config: Path, init: Init
) -> None:
    code, out, _ = init(str(film("plain.mp4")), "Một", str(film("plain.mp4")), "", "")
    assert code == 0
    assert "2 cameras, 2 rules run" in out
    site = load_site(config).site
    assert site is not None
    assert [camera.name for camera in site.cameras] == ["Một", "Camera 2"]


def test_a_camera_without_pictures_is_not_written(config: Path, init: Init) -> None:
    code, out, err = init("rtsp://127.0.0.1:9/none", "", "", "")
    assert code == 1
    assert "nothing listens on that port" in out
    assert "no pictures came" in err
    assert not config.exists()
    code, _, _ = init("rtsp://127.0.0.1:9/none", "", "", "", options=("--untested",))
    assert code == 0
    assert config.exists()


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (("",), "no camera was named"),
        ((), "no camera was named"),
        (("gopher://a/b", "", ""), "scheme 'gopher' is not known"),
        (("rtsp://an:1234@10.0.0.1/a", "", ""), "give the address without the login"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_nothing_is_written(
    config: Path, init: Init, answers: tuple[str, ...], told: str
) -> None:
    code, _, err = init(*answers)
    assert code == 1
    assert told in err
    assert "nothing was written" in err
    assert "1234" not in err
    assert not config.parent.exists()


def test_an_existing_configuration_is_left_alone(config: Path, init: Init) -> None:
    config.parent.mkdir()
    config.write_text("# mine")
    code, _, err = init("rtsp://10.0.0.1/a", "", "")
    assert code != 0
    assert "exists and is left as it is" in err
    assert config.read_text() == "# mine"


def test_passwords_go_where_the_configuration_could_not_be_written(
    config: Path, init: Init, monkeypatch: pytest.MonkeyPatch
) -> None:
    from thapcanh.app.cli import init as command

    def refuse(path: Path, text: str, *, private: bool) -> None:
        if path == config:
            raise OSError(28, "No space left on device", str(path))
        create_file(path, text, private=private)

    monkeypatch.setattr(command, "create_file", refuse)
    code, _, err = init("rtsp://10.0.0.1/a", "", "an", PASSWORD, "", options=("--untested",))
    assert code == 1
    assert "No space left on device" in err
    assert not list(config.parent.rglob("*.password"))
