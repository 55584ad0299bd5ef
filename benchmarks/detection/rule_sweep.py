"""What every rule about fire and smoke costs and earns: one replay, many settings.

`python -m benchmarks.detection.rule_sweep TRUTH.csv` looks at each clip of a truth table once and
asks one scene a setting about the same looks. One line a setting: recall, false alerts, delay. A
clip that cannot be read is named and left out.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from thapcanh.app.process.terminal import with_progress
from thapcanh.app.replay.replay import (
    Replay,
    ReplayedInference,
    camera_and_rules,
    ids_of,
    load_replay,
)
from thapcanh.config.rules import Confirmation, Rule
from thapcanh.config.site import DetectorConfig, Site
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.confirmation.belief import BeliefSources
from thapcanh.detection.confirmation.stages import (
    STAGES,
    Stage,
    detected_often_enough,
)
from thapcanh.detection.confirmation.witness import Asked, Witness, load_witness
from thapcanh.detection.confirmation.witness_answer import WitnessAnswer
from thapcanh.detection.region import Region
from thapcanh.detection.rules.fire import FireRule
from thapcanh.detection.rules.registry import default_rules
from thapcanh.detection.rules.smoke import SmokeRule
from thapcanh.ingest.errors import IngestError
from thapcanh.tools.evaluation.evaluate import RaisedEvents, Truth, read_truth
from thapcanh.tools.evaluation.score import BURNING, ClipScore, Score, judge, score

CONFIDENCES = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
CONFIRMATIONS = ((2, 3), (2, 5), (3, 5), (4, 6), (5, 8), (6, 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Rules and stages under a name."""

    name: str
    rules: Sequence[Rule]
    stages: Sequence[Stage] = STAGES
    has_witness: bool = True


def settings() -> Iterator[Setting]:
    """The default, and what differs from it in one thing."""
    yield Setting(name="default", rules=default_rules())
    for sure in CONFIDENCES:
        yield Setting(name=f"min_confidence {sure:.2f}", rules=_rules(min_confidence=sure))
    for looks, of in CONFIRMATIONS:
        confirm = Confirmation(looks=looks, of=of)
        yield Setting(name=f"{looks} of {of} looks", rules=_rules(confirm=confirm))
    yield Setting(
        name="without inner change", rules=default_rules(), stages=(detected_often_enough,)
    )
    yield Setting(name="without the witness", rules=default_rules(), has_witness=False)


def _rules(**options: object) -> list[Rule]:
    return [
        FireRule.model_validate({"id": "fire", **options}),
        SmokeRule.model_validate({"id": "smoke", **options}),
    ]


class _Remembering:
    """A witness that looks at each candidate of a clip once, however many settings ask."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._said: dict[tuple[float, str, Region], WitnessAnswer | None] = {}

    def answer(self, asked: Sequence[Asked]) -> list[WitnessAnswer | None]:
        """One answer a candidate."""
        keys = [(one.frame.at_s, one.kind, one.region) for one in asked]
        new = {key: one for key, one in zip(keys, asked, strict=True) if key not in self._said}
        self._said.update(zip(new, self._witness.answer(list(new.values())), strict=True))
        return [self._said[key] for key in keys]


class _Watcher:
    """One setting's scene on one clip, and what it raised."""

    def __init__(self, setting: Setting, path: Path, replay: Replay, witness: Witness) -> None:
        camera, _ = camera_and_rules(Site(rules=tuple(setting.rules)), path)
        self.raised = RaisedEvents()
        self._scene = CameraPipeline(
            camera,
            setting.rules,
            replay.model,
            ids_of(path),
            setting.stages,
            belief=BeliefSources(has_witness=setting.has_witness),
        )
        self._witness = witness

    def observe(self, look: ReplayedInference) -> None:
        for event in self._scene.observe_answered(self._witness, look.frame, look.detections):
            self.raised.take(event)


def sweep(truths: Sequence[Truth], folder: Path, replay: Replay) -> dict[str, Score]:
    """The score of every setting."""
    tried, shipped = list(settings()), load_witness(DetectorConfig())
    rows: dict[str, list[ClipScore]] = {setting.name: [] for setting in tried}
    for truth in with_progress(truths, lambda truth: truth.file):
        path = folder / truth.file
        witness = _Remembering(shipped)
        watchers = {setting.name: _Watcher(setting, path, replay, witness) for setting in tried}
        try:
            summary = replay.file(path, _all(list(watchers.values())))
        except IngestError as error:
            sys.stderr.write(f"\n{path}: {error}\n")
            continue
        for name, watcher in watchers.items():
            known = (truth.file, truth.kind, truth.onset_s, summary.duration_s)
            rows[name].append(judge(*known, watcher.raised.all))
    return {name: score(found) for name, found in rows.items()}


def _all(watchers: Sequence[_Watcher]) -> Callable[[ReplayedInference], None]:
    def on_look(look: ReplayedInference) -> None:
        for watcher in watchers:
            watcher.observe(look)

    return on_look


def table(scores: dict[str, Score]) -> str:
    """One line a setting, as Markdown."""
    head = "| setting: all (P1) | fire | smoke | false alerts | P1 delay median, p95 | repeats |"
    return "\n".join([head, "|---|---|---|---|---|---|", *map(_line, scores, scores.values())])


def _line(name: str, found: Score) -> str:
    cells = []
    for kind in BURNING:
        seen, loud = found.recall.all[kind], found.recall.p1[kind]
        cells.append(f"{seen.seen} ({loud.seen}) of {seen.clips}")
    false, delay = found.false_alerts, found.delay_s.p1
    cells += [
        f"{false.all.count} ({false.p1.count})",
        f"{delay.median} s, {delay.p95} s",
        str(found.repeats),
    ]
    return "| " + " | ".join([name, *cells]) + " |"


def main() -> None:
    """Sweep one truth table and print the settings' lines."""
    parser = argparse.ArgumentParser(description="the rules about fire, one setting after another")
    parser.add_argument("truth", type=Path, metavar="TRUTH.csv")
    parser.add_argument("--config", type=Path, help="whose weights look")
    options = parser.parse_args()
    replay = load_replay(options.config)
    truths = read_truth(options.truth)
    sys.stdout.write(table(sweep(truths, options.truth.parent, replay)) + "\n")


if __name__ == "__main__":
    main()
