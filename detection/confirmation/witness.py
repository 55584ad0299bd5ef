"""Witness: a second model for candidates only, which decides their priority.

Owned by one thread.
"""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.config.site import DetectorConfig
from thapcanh.detection.confirmation.witness_answer import WitnessAnswer
from thapcanh.detection.confirmation.witness_crops import INPUT_PX, Crop, crops_of
from thapcanh.detection.detectors.model_card import SHIPPED
from thapcanh.detection.detectors.offline_imports import import_openvino
from thapcanh.detection.errors import WeightsError
from thapcanh.detection.region import Region
from thapcanh.ingest.frame import Frame

FOLDER = SHIPPED / "witness"
CARD = "witness.json"
FEATURES = 1280  # of a crop
Features = npt.NDArray[np.float32]
log = logging.getLogger(__name__)


class Asked(Protocol):
    """Candidate as a witness needs it."""

    @property
    def kind(self) -> str:
        """Kind of the event."""

    @property
    def region(self) -> Region:
        """Where it is."""

    @property
    def frame(self) -> Frame:
        """The picture."""


class Witness(Protocol):
    """Second model, owned by one thread."""

    def answer(self, requested: Sequence[Asked]) -> list[WitnessAnswer | None]:
        """Return one answer per candidate, in order; None if it cannot judge. Never raise."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Probe:
    """Feature weights, `(3 * FEATURES,)` float32, and a constant per kind, in log-odds."""

    weights: Features
    constants: Mapping[str, float]

    def log_odds(self, features: Features, kind: str) -> float:
        """Return the log-odds of one candidate's features: near, wide and whole concatenated."""
        return float(features @ self.weights) + self.constants[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessWeights:
    """Files of the model, read once and verified by their card."""

    graph: bytes
    numbers: bytes
    probe: Probe


def read_weights(folder: Path = FOLDER) -> WitnessWeights:
    """Read the shipped model. Raise `WeightsError` naming the file that is missing or changed."""
    path = folder / CARD
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        graph, numbers, probe = (
            _vouched(folder / part["file"], part["sha256"])
            for part in card["files"][:3]  # the fourth teaches sites' own
        )
        return WitnessWeights(graph=graph, numbers=numbers, probe=probe_of(probe))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"model card {path}: {error!r}; install the package again") from None


def probe_of(content: bytes) -> Probe:
    """Parse a probe's JSON. Raise `ValueError`, `KeyError` or `TypeError`."""
    held = json.loads(content)
    weights = np.asarray(held["weights"], dtype=np.float32)
    if weights.shape != (3 * FEATURES,) or not np.isfinite(weights).all():
        raise ValueError(f"a probe has {3 * FEATURES} finite weights, not {weights.shape}")
    return Probe(weights=weights, constants={k: float(v) for k, v in held["constants"].items()})


def witness_of(settings: DetectorConfig) -> Witness | None:
    return load_witness(settings) if settings.second_witness else None


def load_witness(settings: DetectorConfig, shipped: Path = FOLDER) -> Witness:
    """Return the site's witness, else the shipped one, else one that answers None."""
    for folder in (settings.witness, shipped):
        if folder is None:
            continue
        try:
            return CropWitness(read_weights(folder), settings)
        except (WeightsError, ImportError, RuntimeError) as error:
            log.error("witness %s cannot be used: %s", folder, error)
    log.error("no second witness, candidates go unchecked")
    return SilentWitness()


class SilentWitness:
    """Witness that never answers."""

    def answer(self, requested: Sequence[Asked]) -> list[WitnessAnswer | None]:
        return [None] * len(requested)


class CropWitness:
    """Witness that returns how probably candidates are what their rules describe."""

    def __init__(self, weights: WitnessWeights, settings: DetectorConfig) -> None:
        self._probe = weights.probe
        core = import_openvino().Core()
        model = core.read_model(model=weights.graph, weights=weights.numbers)
        self._model: Any = core.compile_model(model, "CPU", _options(core, settings))
        self._model(np.zeros((3, INPUT_PX, INPUT_PX, 3), np.uint8))  # the first time costs double

    def answer(self, requested: Sequence[Asked]) -> list[WitnessAnswer | None]:
        """Return one answer per candidate; None for an untaught kind or on failure."""
        existing = [one for one in requested if one.kind in self._probe.constants]
        try:
            features = self.features([crops_of(one.frame.bgr(), one.region) for one in existing])
        except (RuntimeError, ValueError, cv2.error) as error:
            log.warning("the witness failed; %d candidates go unchecked: %s", len(existing), error)
            return [None] * len(requested)
        answers: dict[int, WitnessAnswer] = {
            id(one): WitnessAnswer(log_odds=self._probe.log_odds(of_one, one.kind))
            for one, of_one in zip(existing, features, strict=True)
        }
        return [answers.get(id(one)) for one in requested]

    def features(self, candidates: Sequence[tuple[Crop, Crop, Crop]]) -> Features:
        """(n, 3 * `FEATURES`) float32: near, wide and whole of each candidate."""
        if not candidates:
            return np.zeros((0, 3 * FEATURES), np.float32)
        crops = np.stack([crop for crops in candidates for crop in crops])
        return np.asarray(self._model(crops)[0], dtype=np.float32).reshape(len(candidates), -1)


def _options(core: Any, settings: DetectorConfig) -> dict[str, Any]:
    """Return bfloat16 where the processor has it, at half the cost."""
    can = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    is_short = settings.precision == "auto" and "BF16" in can
    return {
        "INFERENCE_NUM_THREADS": settings.threads,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "bf16" if is_short else "f32",
    }


def _vouched(path: Path, sha256: str) -> bytes:
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(f"{path.name} has sha256 {found}, expected {sha256}")
    return content
