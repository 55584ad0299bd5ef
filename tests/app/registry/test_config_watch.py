"""Hot reload: a good change is handed over once, a bad one leaves the last good site in force."""

import logging
from pathlib import Path

import pytest

from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.site.site_file import load_site

CAMERA = '[[cameras]]\nid = "{id}"\nname = "x"\nsource = "rtsp://h/{id}"\n'


def test_changes_are_seen_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "thapcanh.toml"
    path.write_text(CAMERA.format(id="a"), encoding="utf-8")
    watch = ConfigWatch(path, load_site(path))
    assert watch.poll() is None

    (tmp_path / "cameras.d").mkdir()
    (tmp_path / "cameras.d" / "more.toml").write_text(CAMERA.format(id="b"), encoding="utf-8")
    change = watch.poll()
    assert change is not None
    assert change[1].added == {"b"}
    assert watch.poll() is None

    path.write_text("[[cameras", encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        assert watch.poll() is None
    assert "last good one stays in force" in caplog.text
    assert [Path(problem.file).name for problem in watch.problems] == ["thapcanh.toml"]

    path.write_text(CAMERA.format(id="c"), encoding="utf-8")
    change = watch.poll()
    assert change is not None
    assert change[1].added == {"c"}
    assert change[1].removed == {"a"}
    assert watch.problems == ()


def test_what_needs_a_restart_is_told_as_it_is_in_force(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """`/site` told the new distance at once, while alerts were judged by that of the start."""
    path = tmp_path / "thapcanh.toml"
    path.write_text("[quiet_places]\nagrees_within_m = 300\n", encoding="utf-8")
    watch = ConfigWatch(path, load_site(path))
    for _ in range(2):  # also when something else changes later
        text = "[quiet_places]\nagrees_within_m = 900\n" + CAMERA.format(id="a")
        path.write_text(text + "#" * len(caplog.records), encoding="utf-8")
        change = watch.poll()
        assert change is not None
        assert change[1].needs_restart == watch.waiting == ("quiet_places",)
        assert change[0] is watch.site
        assert change[0].quiet_places.agrees_within_m == 300.0
        assert [one.id for one in change[0].cameras] == ["a"]
    assert caplog.text.count("restart to apply: quiet_places") == 2
