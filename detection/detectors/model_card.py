"""Trusted weights files: those whose sha256 is in a card or the configuration.

A `.pt` is a pickle, and loading one runs code.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from thapcanh.config.files import read_regular
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.errors import WeightsError

_MOST_BYTES = 2 << 30  # of weights
SHIPPED = Path(__file__).parents[1] / "weights"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIdentity:
    """Identity of a model, for evidence."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """Card of one shipped weights file."""

    name: str
    file: str
    sha256: str
    labels: tuple[str, ...]
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A vouched-for weights file, read once: these very bytes carry the sha256."""

    name: str
    path: Path
    sha256: str
    content: bytes


def mapped(labels: Sequence[str], classes: Mapping[str, str]) -> tuple[str, ...]:
    """Return a model's classes by the product's names."""
    return tuple(classes.get(one, one) for one in labels)


def shipped_cards(folder: Path = SHIPPED) -> tuple[ModelCard, ...]:
    """Return the cards of the package's weights, by name."""
    return tuple(_read_card(path) for path in sorted(folder.glob("*.json")))


def vouched_weights(settings: DetectorConfig, folder: Path = SHIPPED) -> Weights:
    """Read the weights that the site names: a shipped model's name, or a path with its sha256."""
    cards = shipped_cards(folder)
    card = next((card for card in cards if card.name == settings.weights), None)
    path = folder / card.file if card else Path(settings.weights)
    content = _read(path, cards)
    found = hashlib.sha256(content).hexdigest()
    expected = _expected(settings, card)
    if expected is None and not any(existing.sha256 == found for existing in cards):
        raise WeightsError(
            f"weights {path}: nobody vouches for this file (sha256 {found}); "
            "write detector.sha256 in the configuration if you do"
        )
    if expected is not None and found != expected:
        raise WeightsError(
            f"weights {path}: broken or not the file meant, fetch it again: "
            f"sha256 is {found}, expected {expected}"
        )
    return Weights(name=path.stem, path=path, sha256=found, content=content)


def _expected(settings: DetectorConfig, card: ModelCard | None) -> str | None:
    """Return the sha256 of the site's configuration, else of the card."""
    return settings.sha256 or (card.sha256 if card else None)


def _read(path: Path, cards: tuple[ModelCard, ...]) -> bytes:
    try:
        return read_regular(path, _MOST_BYTES)
    except OSError as error:
        existing = ", ".join(card.name for card in cards)
        raise WeightsError(
            f"weights {path}: cannot be read: {error.strerror}; "
            f"expected a path or one of the shipped models: {existing}"
        ) from None


def _read_card(path: Path) -> ModelCard:
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        return ModelCard(
            name=card["name"],
            file=card["file"],
            sha256=card["sha256"],
            labels=tuple(card["labels"]),
            licence=card["licence"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"model card {path}: {error!r}; install the package again") from None
