"""A second model that looks at candidates only: another architecture, taught on other pictures.

`CropWitness` cuts the candidate out of the frame at the frame's own resolution and asks a small
classifier (EfficientNet-Lite0, its last layer ours) for flame and for smoke. The answer is a weight
in log-odds; belief adds it to what else is known, so it can rank an event and never veto one.
A model that is missing, broken or failing answers None: the event goes on as unchecked.

Owned by one thread, as the detector is.
"""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from config.site import DetectorConfig
from detection.confirmation.belief_stages import Witness
from detection.confirmation.witness_answer import WitnessAnswer
from detection.detectors.model_card import SHIPPED
from detection.detectors.offline_imports import import_openvino
from detection.errors import WeightsError
from detection.region import Region
from ingest.frame import Frame

FOLDER = SHIPPED / "witness"
CARD = "witness.json"
INPUT_PX = 128
AROUND = 1.3  # times the candidate's longer side: it, and a little of what is round it
LEAST_PX = 12  # a smaller candidate is cut out together with its surroundings
GREY = 114  # outside the picture, as in the detector's letterbox
MOST_WEIGHT = 1.0  # log-odds, as the detector's own confidence may add or take away
_AS_EVERYWHERE = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
Crop = npt.NDArray[np.uint8]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessScale:
    """How a score of the classifier becomes log-odds: `slope * (score - even)`."""

    slope: float
    even: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessWeights:
    """The model's two files, read once and vouched for by the card beside them."""

    graph: bytes
    numbers: bytes
    kinds: tuple[str, ...]
    scales: Mapping[str, WitnessScale]


def read_weights(folder: Path = FOLDER) -> WitnessWeights:
    """Read the shipped model. Raise `WeightsError` naming the file that is missing or changed."""
    path = folder / CARD
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        graph, numbers = (_vouched(folder / part["file"], part["sha256"]) for part in card["files"])
        scales = {kind: WitnessScale(**scale) for kind, scale in card["scales"].items()}
        kinds = tuple(card["labels"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"model card {path}: {error!r}; install the package again") from None
    return WitnessWeights(graph=graph, numbers=numbers, kinds=kinds, scales=scales)


def witness_of(settings: DetectorConfig) -> Witness | None:
    """The witness that the site wants; None where it wants none."""
    return load_witness(threads=settings.threads) if settings.second_witness else None


def load_witness(folder: Path = FOLDER, threads: int = 1) -> Witness:
    """Return the shipped witness; one that answers None where it cannot be read or run."""
    try:
        return CropWitness(read_weights(folder), threads)
    except (WeightsError, ImportError, RuntimeError) as error:
        log.error("no second witness, candidates go unchecked: %s", error)
        return lambda _frame, _kind, _region: None


class CropWitness:
    """Says of a candidate how much it looks like what its rule is about."""

    def __init__(self, weights: WitnessWeights, threads: int = 1) -> None:
        self._weights = weights
        core = import_openvino().Core()
        model = core.read_model(model=weights.graph, weights=weights.numbers)
        options = {"INFERENCE_NUM_THREADS": threads, **_AS_EVERYWHERE}
        self._model: Any = core.compile_model(model, "CPU", options)

    def __call__(self, frame: Frame, kind: str, region: Region) -> WitnessAnswer | None:
        """Weigh one candidate; None for a kind that the model was not taught, or when it fails."""
        if kind not in self._weights.kinds:
            return None
        try:
            score = self.scores([crop_of(frame, region)])[0][self._weights.kinds.index(kind)]
        except (RuntimeError, ValueError, cv2.error) as error:
            log.warning("second witness failed; %s goes unchecked: %s", frame.camera_id, error)
            return None
        weight = weigh(float(score), self._weights.scales[kind])
        return WitnessAnswer(weight=weight, text=_text(kind, weight))

    def scores(self, crops: Sequence[Crop]) -> npt.NDArray[np.float32]:
        """The classifier's scores, (n, kinds) float32."""
        return np.asarray(self._model(np.stack(crops))[0], dtype=np.float32).copy()


def weigh(score: float, scale: WitnessScale) -> float:
    """The weight in log-odds that a score deserves."""
    return max(-MOST_WEIGHT, min(MOST_WEIGHT, scale.slope * (score - scale.even)))


def crop_of(frame: Frame, region: Region) -> Crop:
    """The candidate in a square with a little round it, (`INPUT_PX`, `INPUT_PX`, 3) uint8 RGB."""
    left, top, side = _square(region, frame.width, frame.height)
    x, y = max(0, left), max(0, top)
    width = min(frame.width // 2 * 2, left + side) - x
    height = min(frame.height // 2 * 2, top + side) - y
    part = frame.cut(x, y, width, height).bgr()
    return _in_square(part, (x - left, y - top), side)


def crop_of_pixels(pixels: npt.NDArray[np.uint8], region: Region) -> Crop:
    """The same of a picture, (h, w, 3) uint8 BGR: for training."""
    left, top, side = _square(region, pixels.shape[1], pixels.shape[0])
    x, y = max(0, left), max(0, top)
    part = pixels[y : max(0, top + side), x : max(0, left + side)]
    return _in_square(part, (x - left, y - top), side)


def _in_square(part: npt.NDArray[np.uint8], at: tuple[int, int], side: int) -> Crop:
    """BGR pixels in a grey square, reduced or enlarged to the model's input; RGB."""
    square = np.full((side, side, 3), GREY, dtype=np.uint8)
    square[at[1] : at[1] + part.shape[0], at[0] : at[0] + part.shape[1]] = part[..., ::-1]
    how = cv2.INTER_AREA if side > INPUT_PX else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(square, (INPUT_PX, INPUT_PX), interpolation=how), dtype=np.uint8)


def _square(region: Region, width: int, height: int) -> tuple[int, int, int]:
    """Left, top and side in pixels, all even; the square may reach outside the picture."""
    x1, x2, y1, y2 = region[0] * width, region[2] * width, region[1] * height, region[3] * height
    side = round(AROUND * max(x2 - x1, y2 - y1, LEAST_PX) / 2) * 2
    left, top = (x1 + x2 - side) / 2, (y1 + y2 - side) / 2
    return round(left / 2) * 2, round(top / 2) * 2, side


def _vouched(path: Path, sha256: str) -> bytes:
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(f"{path.name} has sha256 {found}, expected {sha256}")
    return content


def _text(kind: str, weight: float) -> str:
    says = "agrees" if weight > 0 else "doubts"
    return f"second witness {says}: {kind} {weight:+.1f}"
