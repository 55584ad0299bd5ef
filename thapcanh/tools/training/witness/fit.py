"""Fitting of the probe: ridge-penalised logistic regression, calibrated on held-out places.

Each clip counts the same. float64 on one thread, so that results are reproducible.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thapcanh.detection.confirmation.witness import Features, Probe

LEAST_SPREAD = 0.05  # of the mean spread: a feature that hardly differs is not blown up
KIND_SCALE = 10.0  # so that the two constants are hardly penalised
STEPS = 400
DIGITS = 6  # significant, of each weight
Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taught:
    """Training data of a probe: one row per candidate."""

    features: Features
    is_smoke: Bools
    burns: Bools
    clips: tuple[str, ...]
    places: tuple[str, ...]
    counts: Doubles | None = None
    """What each row of a picture counts, 0 for a clip's; None: all rows are of clips."""

    @property
    def of_clips(self) -> Bools:
        """Rows of clips: they give the scale of features, and the calibration."""
        return np.ones(len(self), np.bool_) if self.counts is None else self.counts == 0

    def __len__(self) -> int:
        return len(self.clips)

    def part(self, chosen: Bools) -> "Taught":
        numbers = np.flatnonzero(chosen)
        return Taught(
            features=self.features[chosen],
            is_smoke=self.is_smoke[chosen],
            burns=self.burns[chosen],
            clips=tuple(self.clips[number] for number in numbers),
            places=tuple(self.places[number] for number in numbers),
            counts=None if self.counts is None else self.counts[chosen],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """Probe, and its held-out log-odds of each clip's candidate."""

    probe: Probe
    left_out: Doubles


def fit(taught: Taught, *, penalty: float, folds: int, seed: int) -> Fitted:
    """Fit on everything; calibrate on what each of `folds` probes says of held-out places.

    Pictures only teach; they are never held out.
    """
    clips = taught.part(taught.of_clips)
    of = np.full(len(taught), -1)
    of[taught.of_clips] = _folds(clips.places, folds, seed)
    scores = np.zeros(len(taught))
    for fold in range(folds):
        parameters = of == fold
        if parameters.any():
            scores[parameters] = _fit(taught.part(~parameters), penalty).scores(
                taught.part(parameters)
            )
    scores = scores[taught.of_clips]
    slope, even = _calibrated(scores, clips)
    probe = _fit(taught, penalty).probe(slope, even)
    return Fitted(probe=probe, left_out=slope * scores + even)


def ranked_right(scores: Doubles, truth: Bools) -> float | None:
    """Return the area under the ROC curve, or None."""
    true, false = scores[truth], scores[~truth]
    if not len(true) or not len(false):
        return None
    higher = (true[:, None] > false[None]).mean() + 0.5 * (true[:, None] == false[None]).mean()
    return float(higher)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Linear:
    weights: Doubles
    smoke: float
    constant: float

    def scores(self, taught: Taught) -> Doubles:
        sign = np.where(taught.is_smoke, 1.0, -1.0)
        scores = taught.features @ self.weights + self.smoke * sign + self.constant
        return np.asarray(scores, np.float64)

    def probe(self, slope: float, even: float) -> Probe:
        constants = {"fire": self.constant - self.smoke, "smoke": self.constant + self.smoke}
        return Probe(
            weights=_rounded(slope * self.weights).astype(np.float32),
            constants={
                kind: float(f"{slope * constant + even:.{DIGITS}g}")
                for kind, constant in constants.items()
            },
        )


def _fit(taught: Taught, penalty: float) -> _Linear:
    features = taught.features.astype(np.float64)
    scale = features[taught.of_clips]
    mean, spread = scale.mean(0), scale.std(0)
    spread += LEAST_SPREAD * spread.mean()
    sign = np.where(taught.is_smoke, KIND_SCALE, -KIND_SCALE)
    provided = np.column_stack([(features - mean) / spread, sign])
    weights, constant = logistic(provided, taught.burns, _counts(taught), penalty)
    of_features = weights[:-1] / spread
    return _Linear(
        weights=of_features,
        smoke=float(weights[-1] * KIND_SCALE),
        constant=float(constant - of_features @ mean),
    )


def _counts(taught: Taught) -> Doubles:
    """Return the weight of each candidate: clips count the same, and so do both classes."""
    keys = list(zip(taught.clips, taught.burns.tolist(), strict=True))
    of_clip = Counter(keys)
    counts = np.array([1.0 / of_clip[key] for key in keys])
    for burns in (taught.burns, ~taught.burns):
        side = burns & taught.of_clips
        counts[side] *= 0.5 / max(counts[side].sum(), 1e-12)
    return counts if taught.counts is None else np.where(taught.of_clips, counts, taught.counts)


def _calibrated(scores: Doubles, taught: Taught) -> tuple[float, float]:
    """Slope and constant that make log-odds of scores (Platt)."""
    weights, constant = logistic(scores[:, None], taught.burns, _counts(taught), 1e-6)
    return float(weights[0]), constant


def logistic(
    provided: Doubles,
    truth: Bools,
    counts: Doubles,
    penalty: float,
    *,
    stands_at: Doubles | None = None,
) -> tuple[Doubles, float]:
    """Return weights and constant of a ridge-penalised logistic regression.

    With `stands_at` (log-odds) the weights add to it and there is no constant.
    """
    import torch

    torch.set_num_threads(1)
    x = torch.from_numpy(np.ascontiguousarray(provided))
    sign = torch.from_numpy(np.where(truth, 1.0, -1.0))
    share = torch.from_numpy(counts)
    weights = torch.zeros(x.shape[1], dtype=torch.float64, requires_grad=True)
    constant = torch.zeros(1, dtype=torch.float64, requires_grad=stands_at is None)
    base = torch.from_numpy(np.zeros(len(provided)) if stands_at is None else stands_at)
    steps = torch.optim.LBFGS(
        [weights, constant] if stands_at is None else [weights],
        max_iter=STEPS,
        tolerance_grad=1e-10,
        tolerance_change=1e-14,
        history_size=20,
        line_search_fn="strong_wolfe",
    )

    def loss() -> torch.Tensor:
        steps.zero_grad()
        losses = torch.nn.functional.softplus(-sign * (base + x @ weights + constant))
        total = (share * losses).sum() + penalty * weights.square().sum() / 2
        total.backward()
        return total

    steps.step(loss)
    return weights.detach().numpy(), float(constant.detach())


def _folds(places: Sequence[str], folds: int, seed: int) -> npt.NDArray[np.int64]:
    names = sorted(set(places))
    np.random.default_rng(seed).shuffle(names)
    of = {name: number % folds for number, name in enumerate(names)}
    return np.array([of[place] for place in places], dtype=np.int64)


def _rounded(values: Doubles) -> Doubles:
    return np.array([float(f"{value:.{DIGITS}g}") for value in values])
