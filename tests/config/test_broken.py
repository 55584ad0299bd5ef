"""No file beside the main one blinds the site: it is set aside, named, and the others run."""

from pathlib import Path

import pytest

from tests.config.broken import BROKEN, GOOD, MORE
from thapcanh.app.cli.main import main
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.site.site_file import load_site
from thapcanh.config.files import read_regular


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A good main file, with room beside it."""
    (tmp_path / "cameras.d").mkdir()
    found = tmp_path / "thapcanh.toml"
    found.write_text(GOOD, encoding="utf-8")
    return found


WATCHED_WITHOUT_A_PLACE = {
    "a latitude of 4000 digits",
    "a latitude with a huge exponent",
    "a latitude that is not a number",
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_value_in_cameras_d_blinds_no_other_camera(path: Path, name: str) -> None:
    BROKEN[name](path.parent / "cameras.d" / "more.toml")
    loaded = load_site(path, {})
    watched = ["a", "b"] if name in WATCHED_WITHOUT_A_PLACE else ["a"]
    assert [camera.id for camera in loaded.site_or_raise().cameras] == watched
    assert any("more.toml" in str(problem) for problem in loaded.problems)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_on_a_running_site_leaves_the_last_good_one_in_force(
    path: Path, name: str
) -> None:
    more = path.parent / "cameras.d" / "more.toml"
    more.write_text(MORE, encoding="utf-8")
    watch = ConfigWatch(path, load_site(path, {}))
    more.unlink()
    BROKEN[name](more)
    assert watch.poll() is None
    assert [camera.id for camera in watch.site.cameras] == ["a", "b"]
    assert any("more.toml" in str(problem) for problem in watch.problems)
    if more.is_dir():
        more.rmdir()
    else:
        more.unlink()
    more.write_text(MORE.replace('"B"', '"Better"'), encoding="utf-8")
    change = watch.poll()
    assert change is not None
    assert change[0].cameras[1].name == "Better"
    assert not watch.problems


@pytest.mark.parametrize("name", BROKEN)
def test_check_names_a_broken_file_and_ends(
    path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    BROKEN[name](path.parent / "cameras.d" / "more.toml")
    assert main(["check", "-c", str(path)]) == 1
    told = capsys.readouterr()
    assert "more.toml" in told.err
    assert "Traceback" not in told.err


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_main_file_is_one_clear_problem(path: Path, name: str) -> None:
    path.unlink()
    BROKEN[name](path)
    loaded = load_site(path, {})
    assert loaded.problems
    assert all("thapcanh.toml" in str(problem) for problem in loaded.problems)


def test_a_folder_that_nobody_may_list_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("thapcanh.config.loading.read.os.listdir", refuse)
    loaded = load_site(path, {})
    assert ["cameras.d: cannot be listed: Permission denied" in str(p) for p in loaded.problems]
    assert loaded.site is not None


def test_a_problem_that_was_there_at_the_start_holds_up_no_later_change(path: Path) -> None:
    broken = path.parent / "cameras.d" / "broken.toml"
    BROKEN["not TOML"](broken)
    watch = ConfigWatch(path, load_site(path, {}))
    path.write_text(GOOD.replace('"A"', '"Other"'), encoding="utf-8")
    change = watch.poll()
    assert change is not None
    assert change[0].cameras[0].name == "Other"
    assert [Path(problem.file).name for problem in watch.problems] == ["broken.toml"]


def test_logins_and_weights_are_regular_files_too(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="is not a regular file"):
        read_regular(Path("/dev/zero"), 10)
    whole = tmp_path / "whole"
    whole.write_bytes(b"x" * 10)
    assert read_regular(whole, 10) == b"x" * 10
    with pytest.raises(OSError, match="is larger than"):
        read_regular(whole, 9)
