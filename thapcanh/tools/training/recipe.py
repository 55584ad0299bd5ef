"""Training recipe: TOML in, one frozen object out."""

import json
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, model_validator

from thapcanh.config.frozen import Frozen, Id
from thapcanh.config.problem import explain
from thapcanh.tools.training.errors import RecipeError
from thapcanh.tools.training.synthetic import KINDS

Count = Annotated[int, Field(ge=0, le=1_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PictureSet(Frozen):
    """Source of pictures: files named `PREFIX_*`, with origin and licence."""

    prefix: Id
    name: str
    licence: str
    at_most: Count | None = None
    """So many of its training pictures, drawn by the seed; all when absent."""


class Training(Frozen):
    """Training parameters, with Ultralytics' names where they are the same."""

    image_size_px: int = Field(default=416, ge=32, le=1280, multiple_of=32)
    epochs: int = Field(default=10, ge=1, le=1000)
    batch: int = Field(default=16, ge=1, le=1024)
    learning_rate: float = Field(default=0.004, gt=0, le=1)
    final_rate_share: Share = 0.05
    warmup_epochs: float = Field(default=0.5, ge=0, le=10)
    frozen_layers: int = Field(default=0, ge=0, le=21)
    mosaic: Share = 1.0
    without_mosaic_epochs: Count = 1
    scale: Share = 0.5
    bfloat16: bool = False
    """The forward pass in half precision, for CPUs with AVX-512 BF16."""
    device: str = "cpu"
    threads: int = Field(default=1, ge=1, le=256)
    loaders: int = Field(default=1, ge=0, le=64)


class Recipe(Frozen):
    """Everything that the weights depend on, besides the libraries' versions."""

    name: Id
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    start: Path
    start_sha256: Sha256
    images: Path
    out: Path
    labels: tuple[Id, ...]
    sets: tuple[PictureSet, ...]
    made: dict[str, Count] = Field(default_factory=dict)
    """How many pictures of each kind of `thapcanh.tools.training.synthetic` to make."""
    training: Training = Training()
    known_failures: tuple[str, ...] = ()
    """What is known that these weights see wrongly; printed on their card."""

    @model_validator(mode="after")
    def _checked(self) -> "Recipe":
        unlisted = sorted(set(self.made) - set(KINDS))
        if unlisted:
            raise ValueError(f"made: no kind {', '.join(unlisted)}; there are {', '.join(KINDS)}")
        prefixes = [one.prefix for one in self.sets]
        if len(set(prefixes)) != len(prefixes):
            raise ValueError("sets: a prefix stands there twice")
        return self


def load_recipe(path: Path) -> Recipe:
    """Read and check a recipe; raises `RecipeError` with every problem."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read: {error}") from None
    try:
        recipe = Recipe.model_validate_json(json.dumps(table, default=str), strict=True)
    except ValidationError as error:
        found = (f"{path.name}: {where}: {text}" for where, text in explain(error, table, Recipe))
        raise RecipeError("\n".join(found)) from None
    base = path.resolve().parent
    paths = {key: base / getattr(recipe, key) for key in ("start", "images", "out")}
    return recipe.model_copy(update=paths)
