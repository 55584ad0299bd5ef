"""The walk "A new detector" of CONTRIBUTING.md, walked: its file, in a package, looks in replay."""

import io
import json
import re
import textwrap
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import thapcanh
import thapcanh.detectors
from tests.app.plug_in import installed_detector
from thapcanh.app.cli.check import run_check
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors import registry
from thapcanh.tools.evaluation.replay_command import ReplaySettings, run_replay

ROOT = Path(__file__).parents[2]
SECTION = (
    (ROOT / "CONTRIBUTING.md")
    .read_text("utf-8")
    .split("\n## A new detector\n")[1]
    .split("\n## ")[0]
)


def _block(language: str) -> str:
    (found,) = re.findall(rf"^ *```{language}\n(.*?)^ *```$", SECTION, re.MULTILINE | re.DOTALL)
    return textwrap.dedent(found)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package of the walk, as pip would have put it."""
    source, entry_point = _block("python"), _block("toml")
    with installed_detector(tmp_path, monkeypatch, source, entry_point):
        yield


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "thapcanh.toml"
    path.write_text(
        f'[site]\ndata_dir = "{tmp_path}"\n[detector]\nkind = "orange"\nsecond_witness = false\n'
        '[[rules]]\nid = "fire"\nkind = "fire"\n',
        encoding="utf-8",
    )
    return path


@pytest.mark.usefixtures("installed")
def test_it_looks_in_replay_in_the_place_of_the_shipped_one(made_clips: Path, config: Path) -> None:
    out = io.StringIO()
    film = made_clips / "fire.mp4"
    assert run_replay(ReplaySettings(files=(film,), config=config), out) == 0
    raised, *_ = [json.loads(line) for line in out.getvalue().splitlines()]
    assert (raised["phase"], raised["kind"], raised["confidence"]) == ("raised", "fire", 0.6)
    with thapcanh.Detector(config) as detector:
        assert detector.labels == ("fire",)


@pytest.mark.usefixtures("installed")
def test_its_site_is_right_and_needs_no_other_names(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_check(config)
    assert "detector" not in capsys.readouterr().err
    imported = re.findall(r"from thapcanh\.detectors import \((.*?)\)", _block("python"), re.DOTALL)
    names = {name.strip() for name in imported[0].split(",")} - {""}
    assert names <= set(thapcanh.detectors.__all__)


def test_without_its_package_the_kind_is_named_as_unknown(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_replay(ReplaySettings(files=(config,), config=config), io.StringIO()) == 78
    expected = "detector.kind is 'orange', expected one of auto, onnx, openvino, ultralytics"
    assert expected in capsys.readouterr().err
    run_check(config)
    said = capsys.readouterr()
    assert expected in said.out + said.err


def test_a_broken_package_is_told_and_stops_nothing() -> None:
    points = [
        EntryPoint(name="gone", value="no_such_module:DETECTOR", group="thapcanh.detectors"),
        EntryPoint(name="wrong", value="json:loads", group="thapcanh.detectors"),
    ]
    found = registry.FINDER.collected([], points)
    assert found.by_name == {}
    assert [name for name, _ in found.problems] == ["gone", "wrong"]
    assert "json:loads cannot be used: it is a function, expected a DetectorKind" in str(found)


def test_devices_are_written_as_openvino_writes_them() -> None:
    assert DetectorConfig.model_validate({"device": "NPU"}).device == "npu"
    with pytest.raises(ValueError, match="'auto', 'cpu', 'gpu' or 'npu'"):
        DetectorConfig.model_validate({"device": "TPU"})
