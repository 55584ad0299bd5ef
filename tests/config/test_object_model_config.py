"""Classes of a site's own model: which rules may name, and what is said of one that none has."""

from pathlib import Path

import pytest

from thapcanh.app.site.site_file import entry_check, load_site
from thapcanh.config.difference import difference
from thapcanh.config.rules import LABELS
from thapcanh.config.site import Site
from thapcanh.detection.rules.registry import registry

OBJECTS = """
[detector.objects]
weights = "models/yolo11n.pt"
labels = ["person", "dog", "hot dog"]
"""
RULE = """
[[cameras]]
id = "yard"
name = "Yard"
source = "rtsp://camera/1"
zones = [{{ id = "all", name = "All", polygon = [[0, 0], [1, 0], [1, 1]] }}]
[[rules]]
id = "dogs"
kind = "intrusion"
cameras = ["yard"]
zone = "all"
classes = {classes}
"""


def site_of(path: Path, text: str) -> tuple[Site, list[str]]:
    path.write_text(text, encoding="utf-8")
    loaded = load_site(path, {})
    return loaded.site_or_raise(), [str(problem) for problem in loaded.problems]


def test_a_class_that_no_model_has_is_one_error_with_the_way_out(tmp_path: Path) -> None:
    site, (problem,) = site_of(tmp_path / "a.toml", RULE.format(classes='["person", "dog"]'))
    assert "rules[0].classes: names the class 'dog', which no model here detects" in problem
    assert "expected person, bicycle, motorcycle, car, bus, truck" in problem
    assert "`thapcanh model add --for objects`" in problem
    assert [rule.kind for rule in site.rules] == []
    table = {"id": "d", "kind": "intrusion", "cameras": "*", "zone": "a", "classes": ["dog"]}
    (finding,) = entry_check().rule(table, lambda _: None)
    assert finding.path == "classes"
    assert entry_check((*LABELS, "dog")).rule(table, lambda _: None) == []


def test_rules_name_what_the_own_model_detects_and_go_by_it(tmp_path: Path) -> None:
    text = OBJECTS + RULE.format(classes='["hot dog"]')
    site, problems = site_of(tmp_path / "a.toml", text)
    assert problems == []
    assert site.detector.labels == (*LABELS, "dog", "hot dog")
    assert site.detector.uses_objects(site.rules[0])
    objects = site.detector.objects
    assert objects is not None
    assert Path(objects.weights) == tmp_path / "models" / "yolo11n.pt"
    assert objects.image_size_px == 640


@pytest.mark.parametrize(("classes", "expected"), [("person", True), ("car", False)])
def test_a_rule_goes_by_the_own_model_where_it_names_one_of_its_labels(
    tmp_path: Path, classes: str, expected: bool
) -> None:
    text = RULE.format(classes=f'["{classes}"]')
    site, _ = site_of(tmp_path / "a.toml", OBJECTS + text)
    assert site.detector.uses_objects(site.rules[0]) is expected
    shipped, _ = site_of(tmp_path / "b.toml", text)
    assert not shipped.detector.uses_objects(shipped.rules[0])
    assert difference(shipped, site).needs_restart == ("detector",)


def test_forms_offer_the_sites_classes_for_every_kind_that_names_some() -> None:
    offered = {
        kind.kind: kind.schema(("person", "dog"))["properties"]["classes"]["items"]["enum"]
        for kind in registry().kinds.values()
        if "classes" in kind.settings.model_fields
    }
    assert {"intrusion", "crowd", "loitering", "stopped_vehicle", "exit"} <= offered.keys()
    assert all(names == ["person", "dog"] for names in offered.values())
