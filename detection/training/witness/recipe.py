"""The recipe of the witness: how its probe is fitted. TOML in, one frozen object out."""

import tomllib
from pathlib import Path

from pydantic import Field, ValidationError

from config.frozen import Frozen
from config.loading.explain import explain
from detection.training.errors import RecipeError


class WitnessRecipe(Frozen):
    """Everything that the probe depends on, besides clips, detector and libraries."""

    seed: int = Field(ge=0, le=2**31 - 1)
    penalty: float = Field(gt=0, le=1000)
    """Of the ridge, where the counts of all candidates are one together."""
    folds: int = Field(ge=2, le=100)
    """Groups of places, of which one is left out at a time to calibrate."""
    candidates: int = Field(default=0, ge=0)
    """So many must be found, or the clips are others than it was fitted on; 0: however many."""


def load_witness_recipe(path: Path) -> WitnessRecipe:
    """Read and check a recipe; raises `RecipeError` with every problem."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read: {error}") from None
    try:
        return WitnessRecipe.model_validate(table)
    except ValidationError as error:
        found = explain(error, table, WitnessRecipe)
        raise RecipeError("\n".join(f"{path.name}: {at}: {text}" for at, text in found)) from None
