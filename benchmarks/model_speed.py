"""`python -m benchmarks.model_speed`: one look of the model, `.pt` beside OpenVINO's forms.

OpenVINO with float32, with what it takes by itself (bfloat16 where the processor has it, as the
detector does by default), and as INT8.

All forms and sizes take turns in one process on one thread, picture by picture, so that a busy
machine slows all of them alike; the medians are told. CPU time is told beside time on the wall,
because other work on the machine stretches only the latter. Only the network is timed, from the
input tensor to the head's raw numbers. INT8 is made by NNCF from pictures of `--images`; without
NNCF (a development dependency) or pictures its rows are left out.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.harness import results_file
from benchmarks.harness.machine import machine, versions
from benchmarks.harness.results_file import markdown, quantile
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.export import export
from thapcanh.detection.detectors.letterbox import PADDING, letterbox
from thapcanh.detection.detectors.model_card import Weights, vouched_weights
from thapcanh.detection.detectors.offline_imports import import_openvino, import_ultralytics
from thapcanh.tools.training.sources import read_pixels

SIZES_PX = (416, 640)
SHAPES = {"16:9": (1920, 1080), "square": (1000, 1000)}
WARM_UP = 3
_HEAD = ".*model\\.22.*"  # Ultralytics' name of YOLOv8's Detect block
_SAMPLES = 300
Input = npt.NDArray[np.float32]
Run = Callable[[Input], object]


@dataclass(slots=True, kw_only=True)
class Contender:
    """One form of the model at one input, and its times in milliseconds, by wall and by CPU."""

    form: str
    size_px: int
    shape: str
    picture: Input
    run: Run
    times_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, print."""
    asked = _parser().parse_args(arguments)
    weights = vouched_weights(DetectorConfig(weights=asked.weights, sha256=asked.sha256))
    before = machine()
    contenders = _contenders(weights, asked)
    _take_turns(contenders, asked.rounds)
    content = {
        "machine": before,
        "versions": {**versions(), "nncf": _version("nncf")},
        "weights": {"name": weights.name, "sha256": weights.sha256},
        "threads": 1,
        "rounds": asked.rounds,
        "rows": [_row(contender) for contender in contenders],
    }
    table = _table(contenders)
    path = results_file.write(asked.name, content, table)
    sys.stdout.write(f"{table}\n{path}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.model_speed", description=__doc__)
    parser.add_argument("--weights", default="watch8n", help="a shipped model, or a .pt")
    parser.add_argument("--sha256", help="vouches for a .pt that is not shipped")
    parser.add_argument("--images", type=Path, help="folder of pictures to calibrate INT8 with")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"))
    parser.add_argument("--name", default="model_speed", help="of the results' files")
    return parser


def _contenders(weights: Weights, asked: argparse.Namespace) -> list[Contender]:
    made: list[Contender] = []
    xml = export(weights, asked.cache).model
    forms: dict[str, tuple[Path, str | None]] = {
        "OpenVINO float32": (xml, "f32"),
        "OpenVINO, its own choice": (xml, None),
    }
    int8 = _int8(xml, asked.images, asked.cache)
    if int8 is not None:
        forms["OpenVINO INT8"] = (int8, None)
    torch_run = _torch(weights, asked.cache)
    for size_px in SIZES_PX:
        for shape, (width, height) in SHAPES.items():
            rows, columns = letterbox(width, height, size_px).input_shape
            picture = np.random.default_rng(1).random((1, 3, rows, columns), dtype=np.float32)
            runs = {".pt (torch)": torch_run} | {
                form: _openvino(path, precision, (rows, columns))
                for form, (path, precision) in forms.items()
            }
            made += [
                Contender(form=form, size_px=size_px, shape=shape, picture=picture, run=run)
                for form, run in runs.items()
            ]
    return made


def _take_turns(contenders: Sequence[Contender], rounds: int) -> None:
    for number in range(-WARM_UP, rounds):
        for contender in contenders:
            started_s, cpu_s = time.perf_counter(), time.process_time()
            contender.run(contender.picture)
            if number >= 0:
                contender.cpu_ms.append((time.process_time() - cpu_s) * 1000)
                contender.times_ms.append((time.perf_counter() - started_s) * 1000)


def _torch(weights: Weights, cache: Path) -> Run:
    ultralytics = import_ultralytics(cache / "ultralytics")
    import torch

    copy = cache / f"{weights.name}-{weights.sha256[:16]}.pt"
    copy.write_bytes(weights.content)  # the checked bytes, not the path once more
    model = ultralytics.YOLO(str(copy), task="detect").model.float().fuse().eval()
    torch.set_num_threads(1)

    def run(picture: Input) -> object:
        with torch.inference_mode():
            return model(torch.from_numpy(picture))

    return run


def _openvino(xml: Path, precision: str | None, shape: tuple[int, int]) -> Run:
    openvino = import_openvino()
    core = openvino.Core()
    model = core.read_model(xml)
    model.reshape([1, 3, *shape])
    options: dict[str, object] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": 1,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,
    }
    if precision is not None:
        options["INFERENCE_PRECISION_HINT"] = precision
    request = core.compile_model(model, "CPU", options).create_infer_request()
    return lambda picture: request.infer([picture])


def _int8(xml: Path, images: Path | None, cache: Path) -> Path | None:
    if images is None or find_spec("nncf") is None:
        sys.stderr.write("no INT8: it needs NNCF (`pip install -e '.[train]'`) and --images\n")
        return None
    target = cache / f"{xml.parent.name}-int8" / "model.xml"
    if not target.is_file():
        _quantise(xml, sorted(images.iterdir()), SIZES_PX[0], target)
    return target


def _quantise(xml: Path, pictures: Sequence[Path], size_px: int, target: Path) -> Path:
    """Write the INT8 form of `xml` as `target` (and its `.bin`)."""
    openvino = import_openvino()
    import nncf

    model = openvino.Core().read_model(xml)
    chosen = pictures[:: max(1, len(pictures) // _SAMPLES)][:_SAMPLES]
    quantised = nncf.quantize(
        model,
        nncf.Dataset(_Samples(chosen, size_px)),
        preset=nncf.QuantizationPreset.MIXED,
        ignored_scope=nncf.IgnoredScope(patterns=[_HEAD]),
        subset_size=len(chosen),
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    openvino.save_model(quantised, target, compress_to_fp16=False)
    return target


class _Samples(Iterable[Input]):
    """Pictures as the detector gets them; read again on every pass."""

    def __init__(self, pictures: Sequence[Path], size_px: int) -> None:
        self._pictures = pictures
        self._size_px = size_px

    def __iter__(self) -> Iterator[Input]:
        return (_model_input(read_pixels(path), self._size_px) for path in self._pictures)


def _model_input(pixels: npt.NDArray[np.uint8], size_px: int) -> Input:
    """BGR pixels to `(1, 3, height, width)` RGB of 0..1, letterboxed."""
    fit = letterbox(pixels.shape[1], pixels.shape[0], size_px)
    inner = cv2.resize(pixels, (fit.inner_width, fit.inner_height), interpolation=cv2.INTER_LINEAR)
    filled: Any = np.full((fit.input_height, fit.input_width, 3), PADDING, dtype=np.uint8)
    filled[fit.top : fit.top + fit.inner_height, fit.left : fit.left + fit.inner_width] = inner
    ordered = np.ascontiguousarray(filled[..., ::-1].transpose(2, 0, 1))
    scaled: Input = ordered[None].astype(np.float32) / np.float32(255)
    return scaled


def _row(contender: Contender) -> dict[str, Any]:
    return {
        "form": contender.form,
        "size_px": contender.size_px,
        "shape": contender.shape,
        "input": list(contender.picture.shape[2:]),
        "cpu_median_ms": round(median(contender.cpu_ms), 2),
        "median_ms": round(median(contender.times_ms), 2),
        "p5_ms": round(quantile(contender.times_ms, 0.05), 2),
        "p95_ms": round(quantile(contender.times_ms, 0.95), 2),
    }


def _table(contenders: Sequence[Contender]) -> str:
    """Medians, and beside each how it compares to the `.pt` of its size, by CPU time."""
    rows = []
    for contender in contenders:
        told = _row(contender)
        reference = next(
            median(other.cpu_ms)
            for other in contenders
            if other.size_px == contender.size_px and other.shape == contender.shape
        )
        height, width = told["input"]
        rows.append(
            (
                contender.size_px,
                f"{contender.shape}: {width}×{height}",
                contender.form,
                f"{told['cpu_median_ms']:.1f}",
                f"{told['median_ms']:.1f}",
                f"{told['p5_ms']:.1f} / {told['p95_ms']:.1f}",
                f"{reference / median(contender.cpu_ms):.1f}",
            )
        )
    head = ("px", "input", "form", "CPU ms", "wall ms", "wall p5 / p95", "times as fast as .pt")
    return markdown(head, rows)


def _version(name: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


if __name__ == "__main__":
    raise SystemExit(main())
