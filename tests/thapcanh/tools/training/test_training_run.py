"""Whether to start, go on or stop; what a card says. The training itself is Ultralytics'."""

import json
from pathlib import Path

import pytest

from tests.thapcanh.tools.training_pictures import recipe_for
from thapcanh.detection.detectors.model_card import shipped_cards
from thapcanh.tools.training.build import BuiltDataset
from thapcanh.tools.training.card import EventScores, TrainingOutcome, write_card
from thapcanh.tools.training.errors import TrainingError
from thapcanh.tools.training.measure import MeanPrecision
from thapcanh.tools.training.recipe import Recipe
from thapcanh.tools.training.trainer import (
    TrainerStep,
    checked_start,
    decide,
    last_checkpoint,
    note,
    run_folder,
)


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return recipe_for(tmp_path / "images", tmp_path / "out")


def _checkpoint(recipe: Recipe) -> None:
    last_checkpoint(recipe).parent.mkdir(parents=True, exist_ok=True)
    last_checkpoint(recipe).write_bytes(b"a checkpoint")


def test_an_empty_folder_calls_for_a_start(recipe: Recipe) -> None:
    assert decide(recipe).step is TrainerStep.START


def test_a_run_that_was_cut_off_in_its_first_epoch_starts_anew(recipe: Recipe) -> None:
    note(recipe, 0)
    assert decide(recipe).step is TrainerStep.START


def test_a_whole_epoch_is_gone_on_from(recipe: Recipe) -> None:
    _checkpoint(recipe)
    note(recipe, 3)
    decision = decide(recipe)
    assert (decision.step, decision.reason) == (TrainerStep.RESUME, "after 3 of 10 epochs")


def test_a_finished_run_is_kept(recipe: Recipe) -> None:
    _checkpoint(recipe)
    note(recipe, 10, finished=True)
    assert decide(recipe).step is TrainerStep.DONE


def test_another_machine_may_go_on_but_another_recipe_may_not(recipe: Recipe) -> None:
    _checkpoint(recipe)
    note(recipe, 3)
    on_gpu = recipe.training.model_copy(update={"device": "0", "threads": 8})
    assert decide(recipe.model_copy(update={"training": on_gpu})).step is TrainerStep.RESUME
    faster = recipe.training.model_copy(update={"learning_rate": 0.01})
    with pytest.raises(TrainingError, match="holds a training by another recipe; remove it"):
        decide(recipe.model_copy(update={"training": faster}))
    with pytest.raises(TrainingError, match="another recipe"):
        decide(recipe.model_copy(update={"seed": 8}))


def test_a_broken_state_starts_anew(recipe: Recipe) -> None:
    _checkpoint(recipe)
    (run_folder(recipe) / "state.json").write_text("{")
    assert decide(recipe).step is TrainerStep.START


def test_starting_weights_are_loaded_only_by_their_sum(recipe: Recipe) -> None:
    with pytest.raises(TrainingError, match=r"start-weights\.pt: No such file"):
        checked_start(recipe)
    recipe.start.parent.mkdir(parents=True, exist_ok=True)
    recipe.start.write_bytes(b"a pickle that would run code")
    with pytest.raises(TrainingError, match="expected 000"):
        checked_start(recipe)


def _outcome(recipe: Recipe, events: EventScores | None) -> TrainingOutcome:
    return TrainingOutcome(
        recipe=recipe.model_copy(update={"known_failures": ("far smoke",)}),
        built=BuiltDataset(
            description=Path("set.yaml"),
            pictures=11,
            validation_pictures=6,
            made={"lamps": 2},
            boxes={"fire": 4},
            left_out={"licence not clear: unclear (none stated)": 3},
        ),
        sha256="ab" * 32,
        trained="2026-11-25",
        hours=0.5,
        before=MeanPrecision(map50={"all": 0.7, "fire": 0.6, "smoke": 0.8}, map50_95=0.4),
        after=MeanPrecision(map50={"all": 0.8, "fire": 0.65, "smoke": 0.85}, map50_95=0.5),
        events_before=events,
        events_after=events,
    )


def test_a_card_tells_sets_counts_scores_and_failures(recipe: Recipe) -> None:
    recipe.out.mkdir()
    events = EventScores(
        clips=73,
        seen={"fire": (25, 26), "smoke": (1, 3)},
        false_alerts=1,
        quiet_s=442.0,
        delay_median_s=1.0,
        delay_p95_s=2.1,
        missed=("smoke/far.mp4",),
        deceived_by=("negative/lamp.mp4",),
    )
    data, text = write_card(_outcome(recipe, events))
    (card,) = shipped_cards(recipe.out)
    assert (card.name, card.file, card.sha256) == ("small", "small.pt", "ab" * 32)
    told = json.loads(data.read_text())
    assert told["map50_before"]["smoke"] == 0.8
    assert told["events"]["seen"]["fire"] == [25, 26]
    assert told["training"]["left_out"] == {"licence not clear: unclear (none stated)": 3}
    lines = text.read_text().splitlines()
    assert "| Flames | CC BY 4.0 |" in lines
    assert "| before | 0.700 | 0.600 | 0.800 |" in lines
    assert "| after | 73 | 25 of 26 | 1 of 3 | 1 in 442 s | 1.0 / 2.1 s |" in lines
    assert "* missed: smoke/far.mp4" in lines
    assert "* deceived by: negative/lamp.mp4" in lines
    assert "* far smoke" in lines


def test_a_card_claims_no_events_that_were_not_replayed(recipe: Recipe) -> None:
    recipe.out.mkdir()
    data, text = write_card(_outcome(recipe, None))
    assert json.loads(data.read_text())["events"] is None
    assert "Not measured: no truth table was given." in text.read_text()
