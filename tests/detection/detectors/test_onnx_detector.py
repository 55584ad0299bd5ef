"""ONNX Runtime sees what OpenVINO sees, on the provider that is there; what is missing is told."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from tests.detection.many_cameras import MakeFrame
from tests.toy_onnx import needs_onnx, toy_model
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.detectors.kinds.onnx import OnnxDetector
from thapcanh.detection.detectors.kinds.openvino import OpenVinoDetector
from thapcanh.detection.detectors.model_card import Weights
from thapcanh.detection.errors import DetectorError, ExportError
from thapcanh.ingest.frame import Frame

pytestmark = needs_onnx


def test_the_shipped_weights_see_the_same(
    detector: OpenVinoDetector, fire_frames: list[Frame], cache_dir: Path
) -> None:
    other = load_detector(DetectorConfig(kind="onnx", providers=("cpu",)), cache_dir)
    assert isinstance(other, OnnxDetector)
    assert (other.labels, other.model, other.device) == (detector.labels, detector.model, "cpu")
    frames = fire_frames[-3:]
    for ours, theirs in zip(other.detect(frames), detector.detect(frames), strict=True):
        assert len(ours) > 0
        surest = min(len(ours), len(theirs), 3)
        assert ours.label[:surest] == theirs.label[:surest]
        np.testing.assert_allclose(ours.confidence[:surest], theirs.confidence[:surest], atol=0.05)
        np.testing.assert_allclose(ours.xyxy[:surest], theirs.xyxy[:surest], atol=4.0)


def _weights(folder: Path, **facts: Any) -> Weights:
    path = toy_model(folder / "toy.onnx", **facts)
    return Weights(name="toy", path=path, sha256="0" * 64, content=path.read_bytes())


def test_an_own_model_of_one_size_is_given_it_and_its_classes_are_ours(
    tmp_path: Path, make_frame: MakeFrame
) -> None:
    path = toy_model(tmp_path / "toy.onnx", size=64, names={0: "car", 1: "flame"})
    settings = DetectorConfig(weights=str(path), classes={"flame": "fire"})
    with pytest.raises(DetectorError, match="nobody vouches for this file"):
        load_detector(settings, tmp_path)
    settings = settings.model_copy(update={"sha256": _sha256(path)})
    found = load_detector(settings, tmp_path)  # no kind is named: the file says it
    assert (found.labels, found.size_px) == (("car", "fire"), 64)
    (seen,) = found.detect([make_frame()])
    assert seen.label == ("fire",)
    assert seen.confidence[0] == pytest.approx(0.9)
    assert (seen.xyxy >= 0).all()
    assert seen.xyxy[0, 2] <= 160
    found.close()


def _sha256(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_not_a_detection_model_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is it a detection model"):
        OnnxDetector(_weights(tmp_path, shape=(1, 2)), DetectorConfig(), tmp_path)
    path = tmp_path / "torn.onnx"
    path.write_bytes(b"torn")
    torn = Weights(name="torn", path=path, sha256="0" * 64, content=b"torn")
    with pytest.raises(DetectorError, match=r"ONNX Runtime: .*cpu: "):
        OnnxDetector(torn, DetectorConfig(), tmp_path)


class FakeRuntime:
    """An ONNX Runtime with providers that work, do not start, or raise."""

    def __init__(self, **providers: str) -> None:
        self._providers = providers
        self.asked: list[str] = []
        self.SessionOptions = SimpleNamespace

    def get_available_providers(self) -> list[str]:
        return list(self._providers)

    def InferenceSession(  # noqa: N802 the library's name
        self, content: bytes, options: Any, providers: list[str]
    ) -> Any:
        (name,) = providers
        self.asked.append(name)
        if self._providers[name] == "raises":
            raise RuntimeError("CUDA driver version is insufficient\nmore")
        import onnxruntime

        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        used = name if self._providers[name] == "works" else "CPUExecutionProvider"
        session.get_providers = lambda: [used]
        return session


def test_providers_are_tried_in_the_order_asked_and_the_fallback_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    runtime = FakeRuntime(
        TensorrtExecutionProvider="raises",
        CUDAExecutionProvider="does not start",
        CPUExecutionProvider="works",
    )
    asked = DetectorConfig(providers=("tensorrt", "rocm", "cuda", "cpu"))
    found = OnnxDetector(_weights(tmp_path), asked, tmp_path, runtime)
    assert found.device == "cpu"
    assert runtime.asked == [
        "TensorrtExecutionProvider",
        "CUDAExecutionProvider",
        "CPUExecutionProvider",
    ]
    assert (
        "looking with ONNX Runtime on cpu (tensorrt: CUDA driver version is insufficient; "
        "rocm is not in this ONNX Runtime; cuda does not start)"
    ) in caplog.text


def test_the_first_that_works_is_used_and_none_is_an_error(tmp_path: Path) -> None:
    runtime = FakeRuntime(CUDAExecutionProvider="works", CPUExecutionProvider="works")
    weights = _weights(tmp_path)
    assert OnnxDetector(weights, DetectorConfig(), tmp_path, runtime).device == "cuda"
    slow = DetectorConfig(device="cpu")
    assert OnnxDetector(weights, slow, tmp_path, runtime).device == "cpu"
    with pytest.raises(DetectorError, match="directml is not in this ONNX Runtime"):
        OnnxDetector(weights, DetectorConfig(providers=("directml",)), tmp_path, runtime)
    with pytest.raises(ValidationError):
        DetectorConfig.model_validate({"providers": ["abacus"]})
