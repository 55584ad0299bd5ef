"""Checks of a site's own model: calls in its file; load, known fire and time in a child."""

import io
import json
import logging
import os
import pickletools
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors import reference_clip
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.errors import DetectorError, WeightsError
from thapcanh.ingest.child_process import ChildSetup, plain_environment, run_child

_MOST_BYTES = 256 << 20  # of one pickle; the numbers lie beside it
_HARMLESS = re.compile(
    r"torch\._utils _rebuild_\w+"
    r"|torch (Size|device|dtype|[A-Z]\w+Storage|float\d+|bfloat16|u?int\d+|bool)"
    r"|torch\.(storage|nn\.parameter|_tensor) \w+"
    r"|torch\.nn\.modules\.\w+ [A-Z]\w+"
    r"|ultralytics\.nn\.(tasks|modules(\.\w+)?) [A-Z]\w+"
    r"|ultralytics\.utils(\.(loss|tal))? [A-Z]\w+"
    r"|collections (OrderedDict|defaultdict|deque|Counter)"
    r"|(__builtin__|builtins) (set|frozenset|dict|list|slice|int|float|complex|bytearray|object)"
    r"|numpy(\._?core\.multiarray)? (_reconstruct|scalar|ndarray|dtype)"
    r"|_codecs encode|copyreg\w* _reconstructor|copy_reg _reconstructor|pathlib \w*Path"
)


def foreign_calls(content: bytes) -> list[str]:
    """Return the forbidden calls, each once. Raise `WeightsError` for a broken file."""
    found: dict[str, None] = {}
    for program in _pickles(content):
        try:
            for word, argument, _ in pickletools.genops(program):
                if word.name in ("GLOBAL", "INST") and not _HARMLESS.fullmatch(str(argument)):
                    found[str(argument).replace(" ", ".")] = None
                elif word.name in ("STACK_GLOBAL", "EXT1", "EXT2", "EXT4"):
                    found["a name that it makes up while it runs"] = None
        except Exception as error:  # noqa: BLE001 the library raises many kinds for no pickle
            raise WeightsError(f"it is torn, or not a PyTorch file: {error}") from None
    return list(found)


def _pickles(content: bytes) -> list[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [one for one in archive.infolist() if one.filename.endswith(".pkl")]
            if not parts:
                raise WeightsError("it holds no network: not a PyTorch file")
            if any(one.file_size > _MOST_BYTES for one in parts):
                raise WeightsError("its pickle is too large")
            return [archive.read(one) for one in parts]
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError) as error:
        raise WeightsError(f"it is torn, or not a PyTorch file: {error}") from None


_WITHIN_S = 600.0
_CYCLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedModel:
    """Result of a trial. `seen` is the surest box of the known fire, by its class."""

    labels: tuple[str, ...]
    seen: Mapping[str, float]
    ms_per_picture: float
    device: str
    size_px: int


def tried(settings: DetectorConfig, cache_dir: Path) -> JudgedModel:
    """Try it in a child. Raises `DetectorError`."""
    command = [sys.executable, "-m", "thapcanh.detection.detectors.own_model"]
    command += [str(cache_dir), settings.model_dump_json()]
    environment = dict(
        plain_environment(os.environ), PYTHONPATH=os.pathsep.join(one for one in sys.path if one)
    )
    setup = ChildSetup(environment=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        done = run_child(command, _WITHIN_S, setup)
    except subprocess.TimeoutExpired:
        raise DetectorError(f"it was not ready within {_WITHIN_S:g} s") from None
    try:
        reported: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        last = (done.stderr.decode(errors="replace").strip() or "no message").splitlines()[-1]
        raise DetectorError(f"it ends the process that tries it: {last}") from None
    if "error" in reported:
        raise DetectorError(str(reported["error"]))
    return JudgedModel(**{**reported, "labels": tuple(reported["labels"])})


def _try(settings: DetectorConfig, cache_dir: Path) -> JudgedModel:
    """Run the trial; called in the child."""
    detector = load_detector(settings, cache_dir)
    frames = reference_clip.reference_clip("trial", lambda at_s: at_s)
    seen: dict[str, float] = {}
    started = time.perf_counter()
    for _ in range(_CYCLES):
        for found in detector.detect(frames):
            for label, confidence in zip(found.label, found.confidence, strict=True):
                seen[label] = max(seen.get(label, 0.0), float(confidence))
    spent_s = time.perf_counter() - started
    return JudgedModel(
        labels=detector.labels,
        seen=seen,
        ms_per_picture=round(1000 * spent_s / (_CYCLES * len(frames)), 1),
        device=str(getattr(detector, "device", "cpu")).lower(),
        size_px=detector.size_px,
    )


def _main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    settings = DetectorConfig.model_validate_json(sys.argv[2])
    try:
        reported: dict[str, Any] = asdict(_try(settings, Path(sys.argv[1])))
    except DetectorError as error:
        reported = {"error": str(error)}
    sys.stdout.write("\n" + json.dumps(reported) + "\n")


if __name__ == "__main__":
    _main()
