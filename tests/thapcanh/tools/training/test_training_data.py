"""From labelled pictures to a training set: which are taken, what is made, what is written."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from tests.thapcanh.tools.training_pictures import draw_set, recipe_for
from thapcanh.tools.training.build import build
from thapcanh.tools.training.errors import DataError
from thapcanh.tools.training.picture import FLAME, SMOKE, LabelledBox, TrainingPicture
from thapcanh.tools.training.sources import is_clear, select
from thapcanh.tools.training.synthetic import KINDS, PictureStock
from thapcanh.tools.training.synthetic_far import farther

FAR_SMOKE = 2


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return draw_set(tmp_path / "images-of-ours")


def _street() -> TrainingPicture:
    pixels = np.random.default_rng(5).integers(60, 120, (240, 320, 3)).astype(np.uint8)
    return TrainingPicture(
        pixels=pixels, boxes=(LabelledBox(label="person", xyxy=(0.1, 0.6, 0.2, 0.9)),)
    )


def _burning() -> TrainingPicture:
    pixels = np.full((240, 320, 3), 90, dtype=np.uint8)
    pixels[100:200, 100:180] = (30, 150, 255)
    flame = LabelledBox(label=FLAME, xyxy=(100 / 320, 100 / 240, 180 / 320, 200 / 240))
    return TrainingPicture(pixels=pixels, boxes=(flame,))


@pytest.mark.parametrize(
    ("licence", "clear"),
    [
        ("CC BY 4.0", True),
        ("MIT", True),
        ("CC BY-NC 4.0", False),
        ("CC BY-ND 4.0", False),
        ("none stated", False),
        ("", False),
    ],
)
def test_only_clear_licences_teach_shipped_weights(licence: str, clear: bool) -> None:
    assert is_clear(licence) is clear


def test_what_is_left_out_is_counted_by_its_reason(images: Path, tmp_path: Path) -> None:
    recipe = recipe_for(images, tmp_path)
    (images / "images/train/stranger_00001.png").write_bytes(b"never read")
    limited = recipe.sets[0].model_copy(update={"at_most": 1})
    recipe = recipe.model_copy(update={"sets": (limited, *recipe.sets[1:])})
    found = select(recipe, "train")
    assert [source.prefix for source in found.sources] == ["flames"] * 3 + ["street"]
    assert found.left_out == {
        "licence not clear: unclear (none stated)": 3,
        "set not in the recipe: stranger": 1,
        "more than the recipe asks for": 2,
    }
    assert len(select(recipe, "val").sources) == 6, "a limit is for training only"


def test_the_same_seed_draws_the_same_pictures(images: Path, tmp_path: Path) -> None:
    recipe = recipe_for(images, tmp_path)
    one = recipe.sets[0].model_copy(update={"at_most": 2})
    recipe = recipe.model_copy(update={"sets": (one, *recipe.sets[1:])})
    names = [source.path.name for source in select(recipe, "train").sources]
    assert names == [source.path.name for source in select(recipe, "train").sources]


@pytest.mark.parametrize("line", ["9 0.5 0.5 0.1 0.1", "fire 0.5 0.5 0.1 0.1", "0 0.5 0.5"])
def test_a_label_that_is_not_ours_names_its_file(images: Path, tmp_path: Path, line: str) -> None:
    (images / "labels/train/street_00000.txt").write_text(line)
    with pytest.raises(DataError, match=r"street_00000\.txt: .* is not `class x y width height`"):
        select(recipe_for(images, tmp_path), "train")


def test_missing_pictures_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file or directory; set `images`"):
        select(recipe_for(tmp_path / "nowhere", tmp_path), "train")


def test_a_set_is_built_with_real_and_made_pictures(images: Path, tmp_path: Path) -> None:
    built = build(recipe_for(images, tmp_path))
    assert built.made == {"lamps": 2, "far_smoke": FAR_SMOKE, "infra_red": 1}
    assert (built.pictures, built.validation_pictures) == (6 + 5, 6)
    assert built.boxes["smoke"] == 3 + FAR_SMOKE + 1
    folder = built.description.parent
    written = sorted(path.stem for path in (folder / "images/train").iterdir())
    assert written == sorted(path.stem for path in (folder / "labels/train").iterdir())
    assert len(written) == built.pictures
    described = dict(line.split(": ", 1) for line in built.description.read_text().splitlines())
    assert json.loads(described["names"]) == ["fire", "smoke", "person"]
    for path in (folder / "labels/train").iterdir():
        for line in path.read_text().splitlines():
            assert all(0 <= float(share) <= 1 for share in line.split()[1:])


def test_a_whole_set_is_not_made_again_and_a_broken_one_is(images: Path, tmp_path: Path) -> None:
    recipe = recipe_for(images, tmp_path)
    built = build(recipe)
    lamp = built.description.parent / "images/train/made_lamps_00000.jpg"
    first, before = hashlib.sha256(lamp.read_bytes()).hexdigest(), lamp.stat().st_mtime_ns
    assert build(recipe) == built
    assert lamp.stat().st_mtime_ns == before
    (built.description.parent / "built.json").write_text("{")  # cut off while it was written
    assert build(recipe) == built
    assert lamp.stat().st_mtime_ns != before
    assert hashlib.sha256(lamp.read_bytes()).hexdigest() == first


def test_another_seed_is_another_set(images: Path, tmp_path: Path) -> None:
    lamp = build(recipe_for(images, tmp_path)).description.parent / "images/train"
    first = (lamp / "made_lamps_00000.jpg").read_bytes()
    build(recipe_for(images, tmp_path, seed=8))
    assert (lamp / "made_lamps_00000.jpg").read_bytes() != first


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_keeps_its_promise(name: str) -> None:
    kind = KINDS[name]
    flame = np.full((80, 60, 3), (30, 150, 255), dtype=np.uint8)
    smoke = np.random.default_rng(3).integers(150, 240, (90, 120, 3)).astype(np.uint8)
    stock = PictureStock(flames=[flame], smoke=[smoke])
    before = _street() if kind.needs is None else _burning()
    made = [kind.make(before, np.random.default_rng(seed), stock) for seed in range(6)]
    pictures = [picture for picture in made if picture is not None]
    assert pictures, f"{name} made nothing in six tries"
    negative = name in {"lamps", "headlights", "led_board", "red_cloth", "sunset", "fog", "steam"}
    for picture in pictures:
        assert picture.pixels.dtype == np.uint8
        assert picture.size == before.size
        assert not np.array_equal(picture.pixels, before.pixels)
        burning = [box for box in picture.boxes if box.label in (FLAME, SMOKE)]
        assert all(0 <= share <= 1 for box in picture.boxes for share in box.xyxy)
        assert not burning if negative or name == "grey" else burning


def test_farther_mirrors_the_boxes_with_the_picture() -> None:
    before = _burning()
    after = farther(before, np.random.default_rng(1))
    height, width = after.size
    burning = (after.pixels[..., 2].astype(int) - after.pixels[..., 0]) > 100
    covered = np.zeros(after.size, dtype=bool)
    for box in after.boxes:
        x1, y1, x2, y2 = box.xyxy
        covered[int(y1 * height) : int(y2 * height) + 2, int(x1 * width) : int(x2 * width) + 2] = 1
        assert burning[
            int((y1 + y2) / 2 * height) - 1 : int((y1 + y2) / 2 * height) + 1,
            int((x1 + x2) / 2 * width),
        ].any()
    assert (burning & ~covered).sum() < 0.3 * burning.sum(), "flames cut at the edge may lack one"
