"""Recipe of the witness' probe: TOML in, one frozen object out."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from thapcanh.config.frozen import Frozen, Id
from thapcanh.config.problem import explain
from thapcanh.tools.training.errors import RecipeError


class WitnessPictures(Frozen):
    """A set of labelled pictures whose candidates teach too."""

    folder: Id
    """Of `images` and `labels`, under the folder that the command line names."""
    name: str
    licence: str
    labels: tuple[str, ...] = ()
    """What its classes are here, in their order; several may be one kind."""
    kinds: tuple[Literal["fire", "smoke"], ...] = ("fire", "smoke")
    """The kinds that its labels are complete of: of others a candidate says nothing."""
    only_with: Literal["fire", "smoke"] | None = None
    """Only pictures with a box of this kind."""
    at_most: int | None = Field(default=None, ge=1)
    """So many pictures, drawn by the seed."""
    burning: float = Field(default=0.0, ge=0, le=10)
    """What its true candidates count together, where those of all clips count one."""
    others: float = Field(default=0.0, ge=0, le=10)
    """What its false candidates count together, likewise."""


class WitnessRecipe(Frozen):
    """Everything that the probe depends on, besides clips, detector and libraries."""

    seed: int = Field(ge=0, le=2**31 - 1)
    penalty: float = Field(gt=0, le=1000)
    """Of the ridge, where the counts of all candidates are one together."""
    folds: int = Field(ge=2, le=100)
    """Groups of places, of which one is left out at a time to calibrate."""
    pictures: tuple[WitnessPictures, ...] = ()
    candidates: int = Field(default=0, ge=0)
    """So many must be found in the clips, or they are others than it was fitted on; 0: any."""


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
