"""Logins of cameras outside the configuration: encrypted, named, and put into addresses only."""

import json
import stat
from pathlib import Path

import pytest

from thapcanh.app.site.site_file import load_site
from thapcanh.config.credentials import (
    CREDENTIALS_FILE,
    KEY_FILE_VARIABLE,
    KEY_VARIABLE,
    CameraCredentials,
    Credential,
    CredentialError,
    new_key,
)
from thapcanh.config.load import Loaded

KEY = new_key()
ENVIRON = {KEY_VARIABLE: KEY}
PASSWORD = "mật:khẩu@của/camera"
LOGIN = Credential(username="người xem", password=PASSWORD)
SITE = '[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://${credential:gate}@10.0.0.17/s"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A configuration whose camera's login is kept."""
    config = tmp_path / "thapcanh.toml"
    config.write_text(SITE, encoding="utf-8")
    CameraCredentials(config, ENVIRON).set("gate", LOGIN)
    return config


def _problem(loaded: Loaded) -> str:
    (problem,) = loaded.problems
    assert PASSWORD not in str(problem)
    return str(problem)


def test_a_login_comes_back_and_is_not_readable_on_the_disk(path: Path) -> None:
    file = path.parent / CREDENTIALS_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "người xem" not in file.read_text()
    assert "khẩu" not in file.read_text()
    assert CameraCredentials(path, ENVIRON).get("gate") == LOGIN
    assert PASSWORD not in repr(LOGIN)
    assert CameraCredentials(path, {}).names() == ["gate"]  # names need no key


def test_an_address_is_completed_and_shown_without_the_password(path: Path) -> None:
    site = load_site(path, ENVIRON).site_or_raise()
    source = site.cameras[0].source
    expected = "rtsp://ng%C6%B0%E1%BB%9Di%20xem:m%E1%BA%ADt%3Akh%E1%BA%A9u%40c%E1%BB%A7a%2Fcamera"
    assert source.reveal() == f"{expected}@10.0.0.17/s"
    assert "khẩu" not in str(source)
    assert "kh%E1" not in repr(site)


def test_the_key_may_lie_in_a_file(path: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(KEY + "\n")
    assert CameraCredentials(path, {KEY_FILE_VARIABLE: str(key)}).get("gate") == LOGIN


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({}, KEY_FILE_VARIABLE),
        ({KEY_VARIABLE: new_key()}, "not made with this key"),
        ({KEY_VARIABLE: "short"}, "credential key"),
        ({KEY_FILE_VARIABLE: "/nowhere/key"}, "/nowhere/key"),
    ],
)
def test_without_the_right_key_the_camera_is_set_aside_and_the_rest_runs(
    path: Path, environ: dict[str, str], word: str
) -> None:
    loaded = load_site(path, environ)
    assert loaded.site is not None
    assert loaded.site.cameras == ()
    assert word in _problem(loaded)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("nonsense", "not JSON"),
        ("[]", "not a file of credentials"),
        ('{"credentials": {"gate": 1}}', "not a file of credentials"),
        ('{"credentials": {"gate": "x"}}', "not made with this key"),
        ('{"credentials": {}}', "no credential 'gate'"),
    ],
)
def test_a_damaged_file_is_named(path: Path, content: str, word: str) -> None:
    (path.parent / CREDENTIALS_FILE).write_text(content)
    assert word in _problem(load_site(path, ENVIRON))


def test_a_login_under_another_name_is_not_taken(path: Path) -> None:
    file = path.parent / CREDENTIALS_FILE
    content = json.loads(file.read_text())
    content["credentials"]["other"] = content["credentials"].pop("gate")
    file.write_text(json.dumps(content))
    with pytest.raises(CredentialError, match="another name"):
        CameraCredentials(path, ENVIRON).get("other")


def test_a_login_stands_in_an_address_only(path: Path) -> None:
    path.write_text(SITE.replace('"Cổng"', '"${credential:gate}"'), encoding="utf-8")
    assert "before @" in _problem(load_site(path, ENVIRON))


def test_a_login_is_replaced_and_removed(path: Path) -> None:
    kept = CameraCredentials(path, ENVIRON)
    kept.set("gate", Credential(username="u", password="new"))
    assert CameraCredentials(path, ENVIRON).get("gate").password == "new"
    kept.remove("gate")
    assert CameraCredentials(path, ENVIRON).names() == []
    with pytest.raises(CredentialError, match="gate"):
        kept.remove("gate")
    with pytest.raises(CredentialError, match="letters"):
        kept.set("a b", LOGIN)
