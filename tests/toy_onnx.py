"""A model in ONNX that always says the same: enough to be loaded, mapped and shown a fire."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

needs_onnx = pytest.mark.skipif(
    not (find_spec("onnx") and find_spec("onnxruntime")), reason="pip install '.[dev,onnx]'"
)


def toy_model(
    path: Path,
    *,
    size: int | None = None,
    names: Mapping[int, str] | None = None,
    shape: tuple[int, ...] | None = None,
    confidence: float = 0.9,
) -> Path:
    """Its last class is seen in the middle with this confidence, whatever it is shown."""
    from onnx import TensorProto, helper, numpy_helper, save

    names = names or {0: "car", 1: "fire"}
    said = np.zeros(shape or (1, 4 + len(names), 1), dtype=np.float32)
    if shape is None:
        said[0, :4, 0] = (32, 32, 20, 20)
        said[0, -1, 0] = confidence
    side: list[int | str] = [size, size] if size else ["height", "width"]
    shown = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, *side])
    told = helper.make_tensor_value_info("output0", TensorProto.FLOAT, list(said.shape))
    node = helper.make_node("Constant", [], ["output0"], value=numpy_helper.from_array(said))
    graph = helper.make_graph([node], "toy", [shown], [told])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {"names": repr(dict(names))})
    save(model, str(path))
    return path
