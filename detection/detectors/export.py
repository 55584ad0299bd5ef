"""Export of weights to OpenVINO or ONNX, shipped or in a cache folder.

The conversion runs in a child process, so that torch (300 MB) never enters the worker. Raises
`ExportError`.
"""

import fcntl
import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from thapcanh.config.files import put_in_place, rename
from thapcanh.detection.detectors.model_card import SHIPPED, Weights
from thapcanh.detection.detectors.offline_imports import import_ultralytics
from thapcanh.detection.errors import ExportError
from thapcanh.ingest.child_process import ChildSetup, run_child

EXPORT_TIMEOUT_S = 300
_REPORTED = (
    "PATH", "HOME", "LANG", "LC_", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "XDG_", "CUDA", "NVIDIA",
    "OMP_", "MKL_", "KMP_", "OPENVINO", "TORCH", "PYTORCH", "YOLO", "PYTHON",
)  # fmt: skip
_FILES = {"openvino": ("model.xml", "model.bin"), "onnx": ("model.onnx",)}
Form = Literal["openvino", "onnx"]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Finished export: its folder, and the labels of its scores."""

    model: Path
    labels: tuple[str, ...]


def run_time_form(weights: Weights, cache_dir: Path, shipped: Path = SHIPPED) -> Export:
    """Return the shipped export of `weights`, else that of `export`."""
    for facts in sorted(shipped.glob("*/export.json")):
        found = _read(facts.parent, of_weights=weights.sha256)
        if found is not None:
            return found
    return export(weights, cache_dir)


def export(weights: Weights, cache_dir: Path, form: Form = "openvino") -> Export:
    """Return the export of `weights`, from the cache or created now."""
    target = cache_dir / _key(weights, form)
    found = _read(target, form)
    if found is not None:
        return found
    with _locked(cache_dir):
        found = _read(target, form)  # another worker may have made it while this one waited
        if found is not None:
            return found
        shutil.rmtree(target, ignore_errors=True)
        return _make(weights, cache_dir, target, form)


def _key(weights: Weights, form: Form) -> str:
    libraries = f"{form}{version(form)}-ultralytics{version('ultralytics')}"
    return f"{weights.name}-{weights.sha256[:16]}-{libraries}"


def _make(weights: Weights, cache_dir: Path, target: Path, form: Form) -> Export:
    with tempfile.TemporaryDirectory(dir=cache_dir, prefix="making-") as folder:
        work = Path(folder)
        # The child loads these very bytes, whose sha256 was checked, not the path once more.
        (work / "model.pt").write_bytes(weights.content)
        log.info("exporting %s to %s (once)", weights.name, form)
        _run_child(work, weights, form)
        finished = work / "finished"
        if _read(finished, form) is None:
            raise ExportError(f"weights {weights.path}: the export came out incomplete")
        put_in_place(finished, target)
    made = _read(target, form)
    if made is None:
        raise ExportError(f"export {target}: vanished after it was made; is the disk full?")
    return made


def _reported(matching: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that the libraries need, without cameras' logins."""
    return {name: value for name, value in matching.items() if name.startswith(_REPORTED)}


def _run_child(work: Path, weights: Weights, form: Form) -> None:
    child = [sys.executable, "-m", "thapcanh.detection.detectors.export", str(work), form]
    environment = dict(
        _reported(os.environ), PYTHONPATH=os.pathsep.join(path for path in sys.path if path)
    )
    setup = ChildSetup(environment=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        done = run_child(child, EXPORT_TIMEOUT_S, setup)
    except subprocess.TimeoutExpired:
        raise ExportError(
            f"weights {weights.path}: the export took over {EXPORT_TIMEOUT_S} s"
        ) from None
    if done.returncode != 0:
        last = (done.stderr.decode(errors="replace").strip() or "no message").splitlines()[-1]
        raise ExportError(f"weights {weights.path}: cannot be exported: {last}")


def _read(folder: Path, form: Form = "openvino", *, of_weights: str | None = None) -> Export | None:
    """Return the complete export in `folder`, of these weights if given, or None."""
    try:
        facts = json.loads((folder / "export.json").read_text(encoding="utf-8"))
        if of_weights is not None and facts["weights_sha256"] != of_weights:
            return None
        if any(_sha256(folder / name) != facts["sha256"][name] for name in _FILES[form]):
            log.warning("export %s is broken; it will be made again", folder)
            return None
        return Export(model=folder / _FILES[form][0], labels=tuple(facts["labels"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("export %s cannot be read (%r); it will be made again", folder, error)
        return None


@contextmanager
def _locked(cache_dir: Path) -> Iterator[None]:
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        handle = (cache_dir / "export.lock").open("w")
    except OSError as error:
        raise ExportError(f"cache folder {cache_dir}: {error.strerror}") from None
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _convert(work: Path, form: str) -> None:
    """Convert `model.pt` of the work folder into its folder `finished`; runs in the child."""
    ultralytics = import_ultralytics(work / "settings")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ultralytics.YOLO(str(work / "model.pt"), task="detect")
        own = {"simplify": False} if form == "onnx" else {}  # which needs one more library
        made = Path(model.export(format=form, dynamic=True, device="cpu", verbose=False, **own))
    folder = made if made.is_dir() else made.parent
    names = _FILES["onnx" if form == "onnx" else "openvino"]
    finished = work / "unfinished"
    finished.mkdir()
    for name in names:
        rename(folder / name, finished / name)
    facts = {
        "labels": [model.names[index] for index in sorted(model.names)],
        "sha256": {name: _sha256(finished / name) for name in names},
    }
    (finished / "export.json").write_text(json.dumps(facts), encoding="utf-8")
    rename(finished, work / "finished")


if __name__ == "__main__":
    _convert(Path(sys.argv[1]), sys.argv[2])
