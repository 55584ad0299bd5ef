"""A rule tried on recorded film in a process of its own: bounded, cancelled, one at a time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import WaitFor
from thapcanh.app.site.site_paths import user_cache_dir
from thapcanh.app.trials.child import TrialRecording
from thapcanh.app.trials.rule_trial import RuleTrials, Trial, TrialOrder, TrialRunning, TrialState
from thapcanh.config.site import DetectorConfig, InferenceConfig

NOW = 1_795_570_000.0
RAISED = '{"phase": "raised", "at": 9.0, "kind": "fire", "confidence": 0.8, "picture": 1}'
FOREVER = "import time; time.sleep(600)"


def order(folder: Path, *films: Path, **rule: Any) -> TrialOrder:
    return TrialOrder(
        camera={"id": "gate", "name": "Cổng", "source": "trial.mp4"},
        rule={"id": "trial", "kind": "fire", "cameras": ["gate"], **rule},
        detector=DetectorConfig().model_dump(mode="json"),
        looks=InferenceConfig().model_dump(mode="json"),
        model_cache=user_cache_dir() / "models",
        folder=folder / "trials",
        films=[
            TrialRecording(path=str(film), from_s=NOW + 10.0 * number)
            for number, film in enumerate(films)
        ],
        from_s=NOW,
        to_s=NOW + 3600,
        recorded_s=20.0,
    )


@contextmanager
def trials(code: str, longest_s: float = 600.0) -> Iterator[RuleTrials]:
    """A process that does this in place of a real trial."""
    made = RuleTrials(longest_s, [sys.executable, "-u", "-c", code])
    yield made
    made.close()


def ended(of: RuleTrials, trial: Trial, wait_for: WaitFor, within_s: float = 30.0) -> Trial:
    def now() -> Trial:
        return of.find(trial.id) or pytest.fail("no such trial")

    wait_for(lambda: now().state is not TrialState.RUNNING, within_s, "the trial has ended")
    return now()


@pytest.mark.usefixtures("own_cache")
def test_a_fire_in_the_second_segment_is_found_with_its_time_and_picture(
    tmp_path: Path, made_clips: Path, wait_for: WaitFor
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")
    films = (made_clips / "quiet.mp4", broken, made_clips / "fire.mp4")
    made = RuleTrials()
    trial = made.start(order(tmp_path, *films))
    found = ended(made, trial, wait_for, within_s=200.0)  # watching goes first, so do other tests
    made.close()
    assert (found.state, found.count, found.unreadable) == (TrialState.DONE, 1, 1)
    (event,) = found.events
    assert event.kind == "fire"
    assert event.at > NOW + 20.0
    picture = made.picture(trial.id, event.picture or 0)
    assert picture is not None
    assert picture.read_bytes().startswith(b"\xff\xd8")


def test_what_was_found_is_kept_until_the_next_trial(tmp_path: Path, wait_for: WaitFor) -> None:
    code = f"print('noise'); print('{RAISED}'); print('{{\"phase\": \"done\", \"unreadable\": 0}}')"
    with trials(code) as made:
        first = ended(made, made.start(order(tmp_path)), wait_for)
        assert (first.state, first.count, first.seen_to) == (TrialState.DONE, 1, NOW + 3600)
        second = made.start(order(tmp_path))
        assert made.find(first.id) is None
        ended(made, second, wait_for)


def test_one_trial_at_a_time_and_it_can_be_cancelled(tmp_path: Path, wait_for: WaitFor) -> None:
    with trials(f"print('{RAISED}'); {FOREVER}") as made:
        trial = made.start(order(tmp_path))
        with pytest.raises(TrialRunning):
            made.start(order(tmp_path))
        wait_for(lambda: (made.find(trial.id) or trial).count == 1, 10.0, "it found something")
        assert made.cancel("another") is None
        cancelled = made.cancel(trial.id)
        assert cancelled is not None
        assert (cancelled.state, cancelled.count) == (TrialState.CANCELLED, 1)
        again = made.start(order(tmp_path))
        assert again.id != trial.id


def test_one_that_takes_too_long_says_how_far_it_came(tmp_path: Path, wait_for: WaitFor) -> None:
    with trials(f"""print('{{"phase": "seen", "to": 7.0}}'); {FOREVER}""", 2.0) as made:
        found = ended(made, made.start(order(tmp_path)), wait_for)
        assert found.state is TrialState.LIMITED


def test_one_that_dies_is_told_as_failed(tmp_path: Path, wait_for: WaitFor) -> None:
    with trials("raise SystemExit(3)") as made:
        assert ended(made, made.start(order(tmp_path)), wait_for).state is TrialState.FAILED


def test_the_end_of_the_server_ends_it(tmp_path: Path) -> None:
    with trials(FOREVER) as made:
        trial = made.start(order(tmp_path))
    assert made._process is not None
    assert made._process.poll() is not None
    assert made.find(trial.id) is not None
