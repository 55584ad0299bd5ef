"""`thapcanh init`: a first configuration that works, from answers alone; all of it or nothing."""

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from shutil import copy2
from urllib.parse import quote, unquote

import pytest

from tests.conftest import MakeFilm
from thapcanh.app.cli.main import main
from thapcanh.app.simulator.running import running_simulator
from thapcanh.app.site.site_file import load_site
from thapcanh.config.credentials import new_key
from thapcanh.config.files import create_file

PASSWORD = "p/a?s#s@ mật"

Init = Callable[..., tuple[int, str, str]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "new" / "thapcanh.toml"


@pytest.fixture
def init(config: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Init:
    def run(
        *answers: str, options: tuple[str, ...] = (), command: tuple[str, ...] = ("init",)
    ) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{one}\n" for one in answers)))
        code = main([*command, "-c", str(config), *options])
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


@pytest.mark.parametrize("prefix", ["", "file://"])
def test_a_local_path_was_asked_for_a_login_and_not_named_a_file(
    film: MakeFilm, config: Path, init: Init, prefix: str
) -> None:
    code, out, err = init(f"{prefix}{film('plain.mp4')}", "", "")
    assert (code, err) == (0, "")
    assert f"{film('plain.mp4')}: tệp trên máy này" in out
    assert "begins with rtsp://" in out
    assert "login name" not in out


def test_a_camera_address_without_its_scheme_was_taken_for_a_file_and_asked_for_a_name(
    config: Path, init: Init
) -> None:
    code, out, err = init("10.0.0.17/stream2", "", "", "s", "")
    assert code == 1
    assert out.count("/10.0.0.17/stream2: không có tệp này") == 2
    assert "begins with rtsp://" in out
    assert "Tên camera" not in out
    assert "no camera was named" in err


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
        (("gopher://a/b",), "scheme 'gopher' is not known"),
        (("gopher://an:1234@10.0.0.1/a",), "scheme 'gopher' is not known"),
        (("10.0.0.17/stream2",), "no such file"),
        (("gopher://a/b", "s", ""), "no camera was named"),
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


def test_a_wrong_password_is_asked_again_and_what_was_entered_stays(
    film: MakeFilm, config: Path, init: Init
) -> None:
    with running_simulator([f"gate={film('plain.mp4')}"], user=f"an:{PASSWORD}") as cameras:
        first = str(film("plain.mp4"))
        address = f"rtsp://127.0.0.1:{cameras.port}/gate"
        again = ("", "", "", "", PASSWORD)
        code, out, err = init(first, "Một", address, "Hai", "an", "wrong", *again, "")
    assert (code, err) == (0, "")
    assert "no pictures came from this camera" in out
    site = load_site(config).site
    assert site is not None
    assert [camera.name for camera in site.cameras] == ["Một", "Hai"]
    assert f"an:{quote(PASSWORD, safe='')}@" in site.cameras[1].source.reveal()


def test_a_wrong_address_is_asked_again_or_left_out(
    film: MakeFilm, config: Path, init: Init
) -> None:
    right = str(film("plain.mp4"))
    code, _, err = init("gopher://a/b", "", right, "Một", "x://c", "b", "")
    assert (code, err) == (0, "")
    site = load_site(config).site
    assert site is not None
    assert [(camera.id, camera.name) for camera in site.cameras] == [("cam-1", "Một")]


def test_a_camera_without_pictures_is_written_where_that_is_chosen(
    config: Path, init: Init
) -> None:
    code, _, err = init("rtsp://127.0.0.1:9/none", "", "", "w", "")
    assert (code, err) == (0, "")
    assert "127.0.0.1:9" in config.read_text()


@pytest.mark.parametrize(
    ("typed", "revealed"),
    [
        ("rtsp://an:{}@10.0.0.1:554/a?b=1", "rtsp://an:{}@10.0.0.1:554/a?b=1"),
        ("http://10.0.0.1/a?user=an&password={}", "http://10.0.0.1/a?user=an&password={}"),
        ("rtsp://10.0.0.1/user=an_password={}_channel=1", None),
    ],
)
@pytest.mark.parametrize("secret", ["Plain8chars", "p@s:s word", "b/a?d"])
def test_secrets_in_an_address_are_kept_apart(
    config: Path, init: Init, typed: str, revealed: str | None, secret: str
) -> None:
    if "://an" not in typed and ("?" in secret or "/" in secret):
        secret = quote(secret, safe="")
    more = () if "://an" in typed else ("",)
    code, out, err = init(typed.format(secret), "", *more, "", options=("--untested",))
    assert (code, err) == (0, "")
    plain = unquote(secret)
    files = [path.read_text(encoding="utf-8") for path in (config.parent / "secrets").iterdir()]
    assert files == [f"{plain}\n"]
    for told in (config.read_text(encoding="utf-8"), out):
        assert plain not in told
        assert quote(plain, safe="") not in told
    site = load_site(config).site
    assert site is not None
    expected = (revealed or typed).format(quote(plain, safe=""))
    assert site.cameras[0].source.reveal() == expected


def test_an_address_with_a_user_name_alone_asks_for_the_password(config: Path, init: Init) -> None:
    code, out, _ = init("rtsp://an@10.0.0.1/a", "", "", PASSWORD, "", options=("--untested",))
    assert code == 0
    assert "[an]" in out
    site = load_site(config).site
    assert site is not None
    assert site.cameras[0].source.reveal() == f"rtsp://an:{quote(PASSWORD, safe='')}@10.0.0.1/a"


def test_logins_are_encrypted_where_the_site_has_a_key_of_credentials(
    config: Path, init: Init, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THAPCANH_CREDENTIALS_KEY", new_key())
    code, _, err = init("rtsp://10.0.0.1/a", "", "an", PASSWORD, "", options=("--untested",))
    assert (code, err) == (0, "")
    assert "${credential:cam-1}@10.0.0.1" in config.read_text(encoding="utf-8")
    assert not (config.parent / "secrets").exists()
    site = load_site(config).site
    assert site is not None
    assert site.cameras[0].source.reveal() == f"rtsp://an:{quote(PASSWORD, safe='')}@10.0.0.1/a"


def test_cameras_are_added_to_a_site_whose_file_stays_as_it_is(
    film: MakeFilm, config: Path, init: Init
) -> None:
    init(str(film("plain.mp4")), "Một", "")
    written = config.read_bytes()
    run = partial(init, command=("cameras", "add"), options=("--untested",))
    code, out, err = run("rtsp://an:1234@10.0.0.1/a", "Hai", "rtsp://10.0.0.2/b", "", "", "")
    assert (code, err) == (0, "")
    assert "3 cameras" in out
    run("rtsp://10.0.0.3/b", "", "", "")
    assert config.read_bytes() == written
    site = load_site(config).site
    assert site is not None
    assert [camera.id for camera in site.cameras] == ["cam-1", "cam-2", "cam-3", "cam-4"]
    assert site.cameras[1].source.reveal() == "rtsp://an:1234@10.0.0.1/a"


def test_a_site_of_a_registry_says_where_its_cameras_are_added(config: Path, init: Init) -> None:
    config.parent.mkdir()
    config.write_text('[registry]\nsource = "database"\n')
    code, _, err = init("rtsp://10.0.0.1/a", "", "", "", command=("cameras", "add"))
    assert code != 0
    assert "/registry" in err


def test_what_a_deleted_configuration_left_stops_no_new_one(config: Path, init: Init) -> None:
    answers = ("rtsp://an:1234@10.0.0.1/a", "", "")
    init(*answers, options=("--untested",))
    config.unlink()
    code, _, err = init(*answers, options=("--untested",))
    assert (code, err) == (0, "")


def test_a_folder_with_its_films_and_secrets_can_be_moved(
    film: MakeFilm, config: Path, init: Init, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.parent.mkdir()
    copy2(film("plain.mp4"), config.parent / "gate.mp4")
    monkeypatch.chdir(config.parent)
    answers = ("gate.mp4", "", "rtsp://an:1234@10.0.0.1/a", "", "")
    assert init(*answers, options=("--untested",))[0] == 0
    init("gate.mp4", "", "", command=("cameras", "add"))
    assert str(config.parent) not in config.read_text()
    moved = config.parent.rename(config.parent.with_name("moved"))
    monkeypatch.chdir("/")
    loaded = load_site(moved / config.name)
    assert loaded.problems == ()
    assert loaded.site is not None
    film_path, stream, added = (camera.source.reveal() for camera in loaded.site.cameras)
    assert {Path(one).resolve() for one in (film_path, added)} == {moved / "gate.mp4"}
    assert stream == "rtsp://an:1234@10.0.0.1/a"


def test_an_existing_configuration_is_left_alone(config: Path, init: Init) -> None:
    config.parent.mkdir()
    config.write_text("# mine")
    code, _, err = init("rtsp://10.0.0.1/a", "", "")
    assert code != 0
    assert "exists and is left as it is; `thapcanh cameras add`" in err
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
