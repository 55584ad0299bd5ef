"""Where Ultralytics was left out, whatever needs it says so in one line with the way out."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from thapcanh.app.cli.main import main
from thapcanh.app.process import exit_codes
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors import detector as choosing
from thapcanh.detection.detectors import offline_imports
from thapcanh.detection.detectors.detector import has_gpu, load_detector
from thapcanh.detection.detectors.export import export
from thapcanh.detection.detectors.kinds.openvino import OpenVinoDetector
from thapcanh.detection.detectors.model_card import vouched_weights
from thapcanh.detection.detectors.offline_imports import import_ultralytics
from thapcanh.detection.errors import DetectorError, ExportError
from thapcanh.tools.training import train as training

WAY_OUT = "ultralytics is not installed: pip install --upgrade ultralytics"


def _other(name: str) -> Any:
    return None if name == "ultralytics" else find_spec(name)


@pytest.fixture(autouse=True)
def _left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline_imports, "find_spec", _other)


@pytest.fixture
def nvidia(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with NVIDIA's driver."""
    monkeypatch.setattr(choosing, "NVIDIA_DRIVER", Path(__file__))


@pytest.mark.usefixtures("nvidia")
@pytest.mark.parametrize("device", ["auto", "gpu"])
def test_a_machine_with_a_gpu_looks_on_its_cpu_and_says_why(
    device: Any, cache_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = load_detector(DetectorConfig(device=device), cache_dir)
    assert isinstance(found, OpenVinoDetector)
    found.close()
    assert WAY_OUT in caplog.text


@pytest.mark.usefixtures("nvidia")
def test_a_worker_of_a_cluster_has_no_gpu() -> None:
    assert has_gpu() is False


def test_the_kind_that_is_ultralytics_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match=WAY_OUT):
        load_detector(DetectorConfig(kind="ultralytics"), tmp_path)


def test_weights_that_must_be_exported_are_refused(tmp_path: Path) -> None:
    weights = vouched_weights(DetectorConfig())
    with pytest.raises(ExportError, match=f"watch8n.pt: cannot be exported: {WAY_OUT}"):
        export(weights, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_training_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "recipe.toml"
    monkeypatch.setattr(training, "load_recipe", lambda _: recipe)
    monkeypatch.setattr(training, "make_weights", lambda *_: import_ultralytics(tmp_path))
    assert main(["train", "-c", str(recipe)]) == exit_codes.UNUSABLE
    assert capsys.readouterr().err.strip().endswith(WAY_OUT)
