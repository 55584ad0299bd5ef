"""A process that starts while the configuration is broken goes on with the last good one."""

import json
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.patience import patient
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.registry.site import open_site, read_site
from thapcanh.app.site.site_file import centre_variables, load_in_force, load_worker_site
from thapcanh.app.supervisor.supervisor import specs_of

CAMERA = '[[cameras]]\nid = "{id}"\nname = "x"\nsource = "rtsp://u:${{env:PW}}@h/{id}"\n'
GOOD = '[site]\ndata_dir = "kho"\n' + CAMERA.format(id="gate")
MORE = CAMERA.format(id="yard")
PASSWORD = "s3cret word"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PW", PASSWORD)
    (tmp_path / "cameras.d").mkdir()
    (tmp_path / "cameras.d" / "more.toml").write_text(MORE, encoding="utf-8")
    path = tmp_path / "thapcanh.toml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def _stored(path: Path, part: str = "site") -> Path:
    return path.parent / "kho" / "run" / f"last-good-{part}.json"


def _ids(path: Path) -> list[str]:
    return [camera.id for camera in load_in_force(path).site_or_raise().cameras]


def _broken(how: str) -> Callable[[Path], object]:
    ways: dict[str, Callable[[Path], object]] = {
        "not TOML": lambda path: path.write_text(GOOD + "[[cameras", encoding="utf-8"),
        "a wrong value": lambda path: path.write_text(
            GOOD + "[centre]\nport = 0\n", encoding="utf-8"
        ),
        "empty": lambda path: path.write_text('[site]\ndata_dir = "kho"\n[', encoding="utf-8"),
        "a camera's slip": lambda path: path.write_text(
            GOOD.replace("rtsp:", "rtps:"), encoding="utf-8"
        ),
        "another file": lambda path: (path.parent / "cameras.d" / "more.toml").write_text(
            "id = ", encoding="utf-8"
        ),
        "not UTF-8": lambda path: path.write_bytes(GOOD.encode() + b"\xff"),
    }
    return ways[how]


@pytest.mark.parametrize(
    "how",
    ["not TOML", "a wrong value", "empty", "a camera's slip", "another file", "not UTF-8"],
)
def test_a_start_with_a_broken_file_watches_what_was_watched(path: Path, how: str) -> None:
    """A worker that died after a slip of the hand left its cameras dark until it was mended."""
    assert _ids(path) == ["gate", "yard"]
    _broken(how)(path)
    loaded = load_in_force(path)
    assert [camera.id for camera in loaded.site_or_raise().cameras] == ["gate", "yard"]
    assert loaded.refused
    assert loaded.problems == ()


def test_a_worker_keeps_its_own_and_starts_without_the_centres_part(path: Path) -> None:
    load_in_force(path, load_worker_site)
    assert _stored(path, "worker").exists()
    assert not _stored(path).exists(), "what is good for a worker may be broken for the centre"
    path.write_text(GOOD + "[[", encoding="utf-8")
    assert len(load_in_force(path, load_worker_site).site_or_raise().cameras) == 2


def test_without_an_earlier_one_a_broken_file_starts_nothing(path: Path) -> None:
    path.write_text("[[cameras", encoding="utf-8")
    assert load_in_force(path).site is None


def test_a_kept_copy_of_another_file_or_that_is_damaged_starts_nothing(path: Path) -> None:
    _ids(path)
    whole = _stored(path).read_text(encoding="ascii")
    path.write_text(GOOD + "[[", encoding="utf-8")
    for content in (
        whole[:-20],
        "[]",
        "null",
        json.dumps({**json.loads(whole), "config": "/etc/other.toml"}),
        json.dumps({**json.loads(whole), "files": {"thapcanh.toml": "[["}}),
        json.dumps({**json.loads(whole), "files": 3}),
    ):
        _stored(path).write_text(content, encoding="ascii")
        assert load_in_force(path).site is None


def test_the_copy_is_for_its_owner_alone_and_holds_secrets_by_name(path: Path) -> None:
    _ids(path)
    assert stat.S_IMODE(_stored(path).stat().st_mode) == 0o600
    text = _stored(path).read_text(encoding="ascii")
    assert "${env:PW}" in text
    assert PASSWORD not in text
    assert [one.name for one in _stored(path).parent.iterdir()] == [_stored(path).name], "no draft"


def test_the_copy_is_written_once_and_again_after_a_change_that_was_put_in_force(
    path: Path,
) -> None:
    watch = ConfigWatch(path, load_in_force(path))
    first = _stored(path).stat().st_ino
    _ids(path)
    assert _stored(path).stat().st_ino == first
    (path.parent / "cameras.d" / "more.toml").unlink()
    assert watch.poll() is not None
    assert _stored(path).stat().st_ino != first
    path.write_text(GOOD + "[[", encoding="utf-8")
    assert _ids(path) == ["gate"]


def test_reading_alone_writes_nothing(path: Path) -> None:
    read_site(path, in_force=True)
    assert not (path.parent / "kho").exists()


def test_it_says_since_when_an_earlier_one_is_in_force_until_the_files_are_mended(
    path: Path,
) -> None:
    _ids(path)
    path.write_text(GOOD + "[[", encoding="utf-8")
    watch = ConfigWatch(path, open_site(path, "centre").loaded)
    assert watch.refused_since is not None
    assert abs(watch.refused_since - time.time()) < patient(60)
    assert [Path(one.file).name for one in watch.problems] == ["thapcanh.toml"]
    assert watch.poll() is None
    path.write_text(GOOD.replace("gate", "door"), encoding="utf-8")
    change = watch.poll()
    assert change is not None
    assert change[1].added == {"door"}
    assert change[1].removed == {"gate"}
    assert watch.refused_since is None
    assert watch.problems == ()
    path.write_text("[[", encoding="utf-8")
    assert watch.poll() is None
    assert watch.refused_since is not None, "also where it never stopped"


def test_the_centres_secrets_stay_its_own_while_the_file_is_broken(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "x" * 40)
    path.write_text(GOOD + '[metrics]\ntoken = "${env:TOKEN}"\n', encoding="utf-8")
    _ids(path)
    path.write_text(GOOD + "[[", encoding="utf-8")
    assert centre_variables(path) == frozenset()
    loaded = read_site(path, in_force=True)
    site = loaded.site_or_raise()
    (tmp_path / "kho" / "run").mkdir(exist_ok=True)
    specs = specs_of(site, path, tmp_path / "kho" / "run", loaded.files)
    withheld = [set(spec.withheld()) for spec in specs if spec.name.startswith("worker")]
    assert withheld
    assert all(one == {"TOKEN"} for one in withheld)
