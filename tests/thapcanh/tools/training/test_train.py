"""`thapcanh train` at its edges: a recipe that cannot be used, and what a judge's words mean."""

from pathlib import Path

import pytest

from thapcanh.app.cli.main import main
from thapcanh.app.process import exit_codes
from thapcanh.tools.training.train import scores_of


def test_a_recipe_that_cannot_be_used_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('name = "x"')
    assert main(["train", "-c", str(recipe)]) == exit_codes.UNUSABLE
    assert "recipe.toml: start_sha256: missing, but required" in capsys.readouterr().err


def test_missed_and_early_clips_are_failures_and_unscored_ones_are_not() -> None:
    outcomes = {
        "a": "seen",
        "b": "missed",
        "c": "early",
        "d": "quiet",
        "e": "false_alert",
        "f": "not_scored",
    }
    scores = scores_of(
        {
            "recall": {"all": {"fire": {"seen": 1, "clips": 2}, "smoke": {"seen": 0, "clips": 1}}},
            "false_alerts": {"all": {"count": 2, "quiet_s": 60.0}},
            "delay_s": {"all": {"median": 1.0, "p95": 2.0}},
            "files": [{"file": file, "outcome": outcome} for file, outcome in outcomes.items()],
        }
    )
    assert (scores.missed, scores.deceived_by) == (("b", "c"), ("e",))
    assert (scores.clips, scores.seen["fire"], scores.false_alerts) == (6, (1, 2), 2)
