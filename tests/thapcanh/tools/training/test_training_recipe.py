"""A recipe names all its problems at once; the shipped one is right."""

from pathlib import Path

import pytest

from thapcanh.detection.detectors.model_card import shipped_cards
from thapcanh.tools.training import recipe as recipe_module
from thapcanh.tools.training.errors import RecipeError
from thapcanh.tools.training.recipe import load_recipe
from thapcanh.tools.training.sources import is_clear

SHIPPED_RECIPE = Path(recipe_module.__file__).resolve().with_name("watch8n.toml")


def test_the_shipped_recipe_starts_from_vouched_weights_and_clear_sets() -> None:
    recipe = load_recipe(SHIPPED_RECIPE)
    assert all(is_clear(one.licence) for one in recipe.sets)
    assert recipe.labels == shipped_cards()[0].labels
    assert recipe.start == SHIPPED_RECIPE.parent / "../weights/watch8n.pt"


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(
        SHIPPED_RECIPE.read_text()
        .replace("\nepochs = ", "\nepoch = ")
        .replace('start_sha256 = "', 'start_sha256 = "xyz')
        .replace("batch = 16", 'batch = "many"')
    )
    with pytest.raises(RecipeError) as raised:
        load_recipe(path)
    lines = str(raised.value).splitlines()
    assert len(lines) == 3
    assert any("start_sha256: expected 64 hexadecimal digits" in line for line in lines)
    assert any("training.epoch" in line and "unknown key" in line for line in lines)
    assert any("training.batch: wrong type, expected a whole number" in line for line in lines)


def test_unknown_kinds_of_made_pictures_are_told_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(SHIPPED_RECIPE.read_text().replace("lamps = ", "ufos = "))
    with pytest.raises(RecipeError, match=r"made: no kind ufos; there are lamps, led_board"):
        load_recipe(path)


def test_a_recipe_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"nowhere\.toml: cannot be read"):
        load_recipe(tmp_path / "nowhere.toml")
