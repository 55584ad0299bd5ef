"""A rule with one wrong camera: told, and the others stay watched."""

from pathlib import Path

import pytest

from thapcanh.app.site.site_file import load_site


def test_a_rule_goes_on_for_the_cameras_that_it_can_watch(tmp_path: Path) -> None:
    path = tmp_path / "thapcanh.toml"
    path.write_text(
        '[[cameras]]\nid = "a"\nname = "A"\nsource = "rtsp://h/a"\n'
        '[[rules]]\nid = "r"\nkind = "fire"\ncameras = ["a", "gone"]\n'
        '[[rules]]\nid = "none"\nkind = "fire"\ncameras = []\n',
        encoding="utf-8",
    )
    loaded = load_site(path, environ={})
    assert [problem.path for problem in loaded.problems] == ["rules[0].cameras", "rules[1].cameras"]
    assert [(rule.id, rule.cameras) for rule in loaded.site_or_raise().rules] == [("r", ("a",))]


@pytest.mark.parametrize("cameras", ['["*"]', '["a", "*"]', '"a"'])
@pytest.mark.parametrize("table", ['[[rules]]\nid = "r"\nkind = "fire"\n', "[recording]\n"])
def test_all_beside_others_and_one_without_a_list_are_refused_in_one_sentence(
    tmp_path: Path, table: str, cameras: str
) -> None:
    """Two came, of the two forms that it may have: "input should be '*'" of an input that was."""
    path = tmp_path / "thapcanh.toml"
    camera = '[[cameras]]\nid = "a"\nname = "A"\nsource = "rtsp://h/a"\n'
    path.write_text(f"{camera}{table}cameras = {cameras}\n", encoding="utf-8")
    (problem,) = load_site(path, environ={}).problems
    assert problem.message == 'expected "*" alone, for every camera, or a list of ids'
    assert problem.path.endswith(".cameras")
