"""A detector of another package, on ONNX Runtime, looks in the place of the shipped one.

Its model is made here, of ONNX's own operators: it marks what is as red and bright as flame.
"""

import io
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

import thapcanh
from tests.app.plug_in import installed_detector
from tests.toy_onnx import needs_onnx
from thapcanh.tools.evaluation.replay_command import ReplaySettings, run_replay

pytestmark = needs_onnx
SIZE = 320
ENTRY_POINT = '[project.entry-points."thapcanh.detectors"]\nflame = "flame_detector:DETECTOR"\n'
SOURCE = '''
"""The detector `flame`: an ONNX model that marks the pixels of flame."""

from pathlib import Path

import cv2
import numpy as np
import onnxruntime

from thapcanh.detectors import (
    Detection, DetectorError, DetectorKind, InferenceError, ModelIdentity, detections_of,
)

class FlameDetector:
    labels = ("fire",)
    max_batch = 1

    def __init__(self, path, sum_):
        self.model = ModelIdentity(name=path.stem, sha256=sum_)
        try:
            self._session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise DetectorError(f"weights {path}: {error}") from error
        self.size_px = self._session.get_inputs()[0].shape[2]

    def detect(self, frames):
        return [detections_of(frame, self._boxes(frame)) for frame in frames]

    def close(self):
        self._session = None

    def _boxes(self, frame):
        side = self.size_px
        picture = cv2.resize(frame.bgr(), (side, side)).astype(np.float32) / 255
        try:
            (marks,) = self._session.run(None, {"picture": picture.transpose(2, 0, 1)[None]})
        except RuntimeError as error:
            raise InferenceError(str(error)) from error
        outlines, _ = cv2.findContours(
            marks[0, 0].astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
        )
        for x, y, width, height in map(cv2.boundingRect, outlines):
            if width * height >= 0.0005 * side * side:
                box = (x / side, y / side, (x + width) / side, (y + height) / side)
                yield Detection(box=box, confidence=0.6, label="fire")

def _load(settings, cache_dir):
    return FlameDetector(Path(settings.weights), settings.sha256)

DETECTOR = DetectorKind(name="flame", load=_load)
'''


def _flame_model(path: Path) -> Path:
    """Of a picture in blue, green, red: 1 where red is bright and well above blue."""
    from onnx import TensorProto, helper, numpy_helper, save

    weights = np.array([-1.0, 0.0, 1.0], dtype=np.float32).reshape(1, 3, 1, 1)
    red = np.array([0.0, 0.0, 1.0], dtype=np.float32).reshape(1, 3, 1, 1)
    constants = {"apart": weights, "red": red, "gap": np.float32(0.35), "bright": np.float32(0.6)}
    nodes = [
        helper.make_node("Conv", ["picture", "apart"], ["difference"]),
        helper.make_node("Conv", ["picture", "red"], ["redness"]),
        helper.make_node("Greater", ["difference", "gap"], ["is_warm"]),
        helper.make_node("Greater", ["redness", "bright"], ["is_bright"]),
        helper.make_node("And", ["is_warm", "is_bright"], ["is_flame"]),
        helper.make_node("Cast", ["is_flame"], ["marks"], to=TensorProto.FLOAT),
    ]
    shape = [1, 3, SIZE, SIZE]
    graph = helper.make_graph(
        nodes,
        "flame",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("marks", TensorProto.FLOAT, [1, 1, SIZE, SIZE])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    opset = [helper.make_opsetid("", 17)]
    save(helper.make_model(graph, opset_imports=opset, ir_version=9), str(path))
    return path


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A site that looks by the model, with the package installed."""
    model = _flame_model(tmp_path / "flame.onnx")
    path = tmp_path / "thapcanh.toml"
    path.write_text(
        f'[site]\ndata_dir = "{tmp_path}"\n[[rules]]\nid = "fire"\nkind = "fire"\n'
        f'[detector]\nkind = "flame"\nweights = "{model}"\nsecond_witness = false\n'
        f'sha256 = "{sha256(model.read_bytes()).hexdigest()}"\n',
        encoding="utf-8",
    )
    with installed_detector(tmp_path, monkeypatch, SOURCE, ENTRY_POINT):
        yield path


@pytest.mark.parametrize(("film", "raised"), [("fire", True), ("quiet", False)])
def test_a_film_is_judged_by_the_model_of_a_plug_in(
    film: str, raised: bool, made_clips: Path, config: Path
) -> None:
    out = io.StringIO()
    settings = ReplaySettings(files=(made_clips / f"{film}.mp4",), config=config)
    assert run_replay(settings, out) == 0
    events = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [one["kind"] for one in events if one["phase"] == "raised"] == ["fire"] * raised
    with thapcanh.Detector(config) as detector:
        assert detector.labels == ("fire",)
