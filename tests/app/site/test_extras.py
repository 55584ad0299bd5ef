"""Each setting that needs an extra is named where the extra is missing, by `check` and `status`."""

import tomllib
from pathlib import Path

import pytest

from tests.source_trees import ROOT
from thapcanh.app.cli.check import run_check
from thapcanh.app.cli.status import run_status
from thapcanh.app.site import extras
from thapcanh.app.site.site_file import load_site
from thapcanh.config.site import DetectorConfig, Site

_NO_SETTING = {
    "dev": "tests",
    "gpu": "the detector goes on without it, slower",
    "map": "`thapcanh map make` names it itself",
    "train": "`thapcanh train` names it itself",
}
_SITE = """
[archive]
url = "postgresql://u:hush@127.0.0.1:1/a"
[cluster]
head = "10.0.0.1"
[ldap]
url = "ldaps://127.0.0.1:1"
base = "dc=x"
bind_dn = "cn=x"
bind_password = "hush"
roles = { duty = ["viewer"] }
[detector]
kind = "onnx"
[evidence]
store = "s3"
[evidence.s3]
endpoint = "http://127.0.0.1:1"
bucket = "evidence"
key_id = "k"
secret = "hush"
[map]
roads = "roads.json"
[[receivers]]
id = "panels"
port = 0
[[targets]]
id = "phones"
kind = "apprise"
url = "tgram://1:hush/2"
"""


def test_every_extra_is_declared_once_or_needs_no_setting() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [each for each in extras.EXTRAS if not each.command]
    names = [each.name for each in declared]
    assert sorted([*names, *_NO_SETTING]) == sorted(project["optional-dependencies"])
    for extra in declared:
        assert project["optional-dependencies"][extra.name]


def test_each_setting_names_the_extra_that_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "thapcanh.toml"
    config.write_text(_SITE, encoding="utf-8")
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    site = load_site(config).site_or_raise()
    told = list(extras.missing_extras(site))
    assert [one.rpartition(": ")[2] for one in told] == [
        each.command or f"pip install 'thapcanh[{each.name}]'" for each in extras.EXTRAS
    ]
    run_check(config)
    shown = capsys.readouterr().err
    assert all(one in shown for one in told)
    assert "hush" not in shown
    monkeypatch.setattr("thapcanh.app.cli.status.LINES", 30)
    run_status(config)
    shown = capsys.readouterr().out
    assert all(one in shown for one in told)


@pytest.mark.parametrize(
    ("detector", "setting"),
    [
        ({}, None),
        ({"device": "cpu"}, None),
        ({"kind": "openvino", "device": "gpu"}, None),  # Intel's
        ({"weights": "own.onnx", "device": "gpu"}, None),
        ({"device": "gpu"}, "detector.device"),
        ({"kind": "ultralytics"}, "detector.kind"),
        ({"kind": "onnx"}, "detector.kind"),  # the shipped weights are exported first
        ({"kind": "onnx", "weights": "own.pt"}, "detector.weights"),
        ({"weights": "own.pt"}, "detector.weights"),
    ],
)
def test_a_detector_that_needs_ultralytics_names_it_where_it_was_left_out(
    detector: dict[str, str], setting: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "ultralytics" else name)
    lines = list(extras.missing_extras(Site(detector=DetectorConfig(**detector))))
    command = "needs ultralytics, which is not installed: pip install --upgrade ultralytics"
    assert lines == ([] if setting is None else [f"{setting}: {command}"])


def test_what_is_installed_is_not_named(tmp_path: Path) -> None:
    config = tmp_path / "thapcanh.toml"
    config.write_text('[[receivers]]\nid = "panels"\nport = 0\n', encoding="utf-8")
    assert list(extras.missing_extras(load_site(config).site_or_raise())) == []
