"""Offline import of OpenVINO and Ultralytics, without telemetry and downloads.

May raise ImportError.
"""

import os
import sys
import warnings
from pathlib import Path
from types import ModuleType

_ULTRALYTICS_SWITCHES = {
    "YOLO_OFFLINE": "true",
    "YOLO_AUTOINSTALL": "false",
    "YOLO_VERBOSE": "false",
}


def import_openvino() -> ModuleType:
    """OpenVINO with its telemetry replaced by the stub that it brings for this purpose."""
    # None in sys.modules makes `import openvino_telemetry` raise ImportError, on which OpenVINO
    # falls back to openvino/tools/ovc/telemetry_stub.py: no consent file, no thread, no socket.
    if "openvino" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    module: ModuleType = openvino
    return module


def import_ultralytics(settings_dir: Path) -> ModuleType:
    """Import Ultralytics offline; its settings file is in `settings_dir`."""
    settings_dir.mkdir(parents=True, exist_ok=True)
    os.environ.update(_ULTRALYTICS_SWITCHES, YOLO_CONFIG_DIR=str(settings_dir))
    import_openvino()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own deprecations, nothing we can act on
        import ultralytics
        from ultralytics.utils import SETTINGS
    SETTINGS.update(sync=False)
    module: ModuleType = ultralytics
    return module
