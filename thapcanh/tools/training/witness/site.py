"""Probe of a site: its officers' verdicts on top of the shipped probe."""

import csv
import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.app.exports.verdict_export import COLUMNS, CROPS, TABLE, VERDICTS
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.confirmation.witness import CARD, FOLDER, CropWitness, Probe, read_weights
from thapcanh.detection.confirmation.witness_answer import share_of
from thapcanh.detection.confirmation.witness_crops import INPUT_PX, Crop
from thapcanh.detection.event import BELIEVED
from thapcanh.tools.training.errors import DataError
from thapcanh.tools.training.witness.candidates import KINDS
from thapcanh.tools.training.witness.fit import Taught, logistic
from thapcanh.tools.training.witness.floor import FLOOR, read_floor
from thapcanh.tools.training.witness.make import PROBE, write_probe
from thapcanh.tools.training.witness.recipe import WitnessRecipe

CONFIRMED, REJECTED = VERDICTS
HALF_TRUSTED = 40  # so many verdicts count half of what endlessly many would
BELIEVES_LESS = 0.02  # share of the test candidates
SHARES = (1.0, 0.5, 0.25, 0.125, 0.0625)
_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorFigures:
    """Results of a probe on the shipped test candidates, all of which burn."""

    believed: float
    """The share of them that is told as P1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SiteProbe:
    """Site's probe; `share` is the retained part of its own weights, 0 if none is allowed."""

    probe: Probe
    share: float
    shipped: FloorFigures
    made: FloorFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeSiteWitness:
    """Files of a site's witness, number of verdicts, and retained share."""

    card: Path
    confirmed: int
    rejected: int
    cameras: int
    share: float
    shipped: FloorFigures
    made: FloorFigures


def make_site(recipe: WitnessRecipe, verdicts: Path, out: Path) -> MadeSiteWitness:
    """Train a site's probe from an exported folder and write a witness for the site.

    Raise `DataError`; `WeightsError` if the shipped one is broken.
    """
    weights = read_weights()
    witness = CropWitness(weights, DetectorConfig(precision="float32"))
    taught, floor = read_verdicts(verdicts, witness), read_floor(FOLDER / FLOOR)
    fitted = fit_site(weights.probe, taught, floor, penalty=recipe.penalty)
    made = MadeSiteWitness(
        card=out / CARD,
        confirmed=int(taught.burns.sum()),
        rejected=int((~taught.burns).sum()),
        cameras=len(set(taught.places)),
        share=fitted.share,
        shipped=fitted.shipped,
        made=fitted.made,
    )
    out.mkdir(parents=True, exist_ok=True)
    card = json.loads((FOLDER / CARD).read_text(encoding="utf-8"))
    for part in card["files"]:
        target = out / part["file"]
        if target.name == PROBE:
            write_probe(fitted.probe, target)
        else:
            target.write_bytes((FOLDER / target.name).read_bytes())
        part["sha256"] = hashlib.sha256(target.read_bytes()).hexdigest()
    card["site"] = {key: one for key, one in asdict(made).items() if key != "card"}
    (out / CARD).write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    return made


def read_verdicts(folder: Path, witness: CropWitness) -> Taught:
    """Return the candidates of an exported folder. Raise `DataError`."""
    rows = _rows(folder / TABLE)
    features = [
        witness.features([_crops(folder, row) for row in rows[start : start + _AT_ONCE]])
        for start in range(0, len(rows), _AT_ONCE)
    ]
    return Taught(
        features=np.concatenate(features),
        is_smoke=np.array([row["kind"] == "smoke" for row in rows]),
        burns=np.array([row["verdict"] == CONFIRMED for row in rows]),
        clips=tuple(row["number"] for row in rows),
        places=tuple(row["camera"] for row in rows),
    )


def fit_site(shipped: Probe, verdicts: Taught, floor: Taught, *, penalty: float) -> SiteProbe:
    """Train it, and retain as much as the test candidates allow."""
    before = _figures(shipped, floor)
    own = _own_part(shipped, verdicts, floor, penalty)
    for share in SHARES:
        probe = Probe(
            weights=(shipped.weights + share * own).astype(np.float32), constants=shipped.constants
        )
        made = _figures(probe, floor)
        if _is_stored(before, made):
            return SiteProbe(probe=probe, share=share, shipped=before, made=made)
    return SiteProbe(probe=shipped, share=0.0, shipped=before, made=before)


def _own_part(
    shipped: Probe, verdicts: Taught, floor: Taught, penalty: float
) -> npt.NDArray[np.float64]:
    mean, spread = floor.features.mean(0), floor.features.std(0)
    spread += 0.05 * spread.mean()
    provided = ((verdicts.features - mean) / spread).astype(np.float64)
    weights, _ = logistic(
        provided,
        verdicts.burns,
        _counts(verdicts),
        penalty,
        stands_at=_log_odds(shipped, verdicts),
    )
    return np.asarray(weights / spread, np.float64)


def _counts(verdicts: Taught) -> npt.NDArray[np.float64]:
    """Return the weights: each camera counts the same, few verdicts count little."""
    of_camera = Counter(zip(verdicts.places, verdicts.burns.tolist(), strict=True))
    counts = np.array(
        [
            1.0 / of_camera[key] ** 0.5
            for key in zip(verdicts.places, verdicts.burns.tolist(), strict=True)
        ]
    )
    trust = len(verdicts) / (len(verdicts) + HALF_TRUSTED)
    return np.asarray(trust * counts / counts.sum(), np.float64)


def _figures(probe: Probe, floor: Taught) -> FloorFigures:
    stated = _log_odds(probe, floor)
    believed = np.array([share_of(one) >= BELIEVED for one in stated.tolist()])
    return FloorFigures(believed=round(float(believed.mean()), 4))


def _is_stored(shipped: FloorFigures, made: FloorFigures) -> bool:
    return made.believed >= shipped.believed - BELIEVES_LESS


def _log_odds(probe: Probe, of: Taught) -> npt.NDArray[np.float64]:
    return np.array(
        [
            probe.log_odds(np.asarray(one, np.float32), "smoke" if is_smoke else "fire")
            for one, is_smoke in zip(of.features, of.is_smoke, strict=True)
        ]
    )


def _rows(table: Path) -> list[dict[str, str]]:
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{table}: cannot be read: {error}") from None
    for number, row in enumerate(rows, start=2):
        wrong = [name for name in COLUMNS if row.get(name) is None]
        if row.get("kind") not in KINDS:
            wrong.append("kind")
        if row.get("verdict") not in {CONFIRMED, REJECTED}:
            wrong.append("verdict")
        if wrong:
            raise DataError(f"{table}: line {number}: not as exported: {', '.join(wrong)}")
    if not rows:
        raise DataError(f"{table}: no verdict in it")
    return rows


def _crops(folder: Path, row: dict[str, str]) -> tuple[Crop, Crop, Crop]:
    near, wide, whole = (_crop(folder, row[name]) for name in CROPS)
    return near, wide, whole


def _crop(folder: Path, name: str) -> Crop:
    path = folder / name
    if Path(name).name != name:
        raise DataError(f"{path}: a crop lies beside its table")
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if pixels is None or pixels.shape != (INPUT_PX, INPUT_PX, 3):
        raise DataError(f"{path}: no crop of {INPUT_PX} pixels a side")
    return np.ascontiguousarray(pixels[..., ::-1], dtype=np.uint8)
