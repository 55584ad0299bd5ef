"""A rule with one wrong camera: told, and the others stay watched."""

from pathlib import Path

from app.site.site_file import load_site


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
