"""The last layer of the second witness: one ridge-penalised logistic regression a kind.

Both classes count the same. A crop that shows the other kind alone is left out: smoke beside a
flame is no error worth unlearning.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detection.training.witness.backbone import Features
from detection.training.witness.examples import Example

PENALTY = 0.01
STEPS = 60
_FLAT = 0.01  # added to a feature's spread
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LastLayer:
    """Weights (kinds, features) and biases (kinds), on features as the backbone gives them."""

    weight: Floats
    bias: Floats

    def scores(self, features: Features) -> Floats:
        """One score a kind, (n, kinds)."""
        return np.asarray(features @ self.weight.T + self.bias, dtype=np.float32)


def fit(features: Features, examples: Sequence[Example]) -> LastLayer:
    """Fit flame and smoke, in this order."""
    fire = np.array([example.fire for example in examples])
    smoke = np.array([example.smoke for example in examples])
    counts = np.array([example.counts for example in examples])
    mean, spread = features.mean(0), (features.std(0) + _FLAT) * np.sqrt(features.shape[1])
    scaled = ((features - mean) / spread).astype(np.float32)
    fitted = [
        _logistic(scaled, truth, _weights(truth, other, counts))
        for truth, other in ((fire, smoke), (smoke, fire))
    ]
    weight = np.stack([one[0] for one in fitted]) / spread
    bias = np.array([one[1] for one in fitted]) - weight @ mean
    return LastLayer(weight=weight.astype(np.float32), bias=bias.astype(np.float32))


def ranked_right(scores: Floats, truth: npt.NDArray[np.bool_]) -> float:
    """How often a true one scores higher than a false one (area under the ROC curve)."""
    true, false = scores[truth], scores[~truth]
    higher = (true[:, None] > false[None]).mean() + 0.5 * (true[:, None] == false[None]).mean()
    return float(higher)


def _weights(
    truth: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_], counts: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    weights = np.where(other & ~truth, 0.0, counts)
    for side in (truth, ~truth):
        weights[side] *= 0.5 / max(weights[side].sum(), 1e-9)
    return weights


def _logistic(
    features: Features, truth: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64]
) -> tuple[Floats, float]:
    import torch

    x, y = torch.from_numpy(features), torch.from_numpy(truth.astype(np.float32))
    share = torch.from_numpy(weights.astype(np.float32))
    weight = torch.zeros(x.shape[1], requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    steps = torch.optim.LBFGS([weight, bias], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        steps.zero_grad()
        losses = torch.nn.functional.binary_cross_entropy_with_logits(
            x @ weight + bias, y, reduction="none"
        )
        total = (share * losses).sum() + PENALTY * weight.square().sum() / 2
        total.backward()
        return total

    steps.step(loss)
    return weight.detach().numpy(), float(bias.detach())
