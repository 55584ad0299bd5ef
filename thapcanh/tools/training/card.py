"""Cards of a training: `NAME.json` for programs, `NAME.md` for people."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from thapcanh.tools.training.build import BuiltDataset
from thapcanh.tools.training.measure import MeanPrecision
from thapcanh.tools.training.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class EventScores:
    """`thapcanh evaluate` with the default rules, in figures."""

    clips: int
    seen: Mapping[str, tuple[int, int]]
    """By kind: clips seen, clips there are."""
    false_alerts: int
    quiet_s: float
    delay_median_s: float | None
    delay_p95_s: float | None
    missed: tuple[str, ...] = ()
    deceived_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOutcome:
    """Facts of one training for its card."""

    recipe: Recipe
    built: BuiltDataset
    sha256: str
    trained: str
    """The day, ISO."""
    hours: float
    before: MeanPrecision
    after: MeanPrecision
    events_before: EventScores | None = None
    events_after: EventScores | None = None


def write_card(outcome: TrainingOutcome) -> tuple[Path, Path]:
    """Write both cards into the recipe's `out`."""
    out, name = outcome.recipe.out, outcome.recipe.name
    data, text = out / f"{name}.json", out / f"{name}.md"
    data.write_text(json.dumps(as_data(outcome), indent=2) + "\n", encoding="utf-8")
    text.write_text(as_text(outcome), encoding="utf-8")
    return data, text


def as_data(outcome: TrainingOutcome) -> dict[str, Any]:
    recipe, built = outcome.recipe, outcome.built
    return {
        "name": recipe.name,
        "file": f"{recipe.name}.pt",
        "sha256": outcome.sha256,
        "architecture": f"YOLOv8n (Ultralytics), {len(recipe.labels)} classes",
        "labels": list(recipe.labels),
        "image_size_px": recipe.training.image_size_px,
        "licence": "AGPL-3.0",
        "trained": outcome.trained,
        "training": {
            "start_sha256": recipe.start_sha256,
            "seed": recipe.seed,
            "hours": round(outcome.hours, 2),
            "pictures": built.pictures,
            "made_pictures": built.made,
            "validation_pictures": built.validation_pictures,
            "boxes": built.boxes,
            "left_out": built.left_out,
            "recipe": recipe.training.model_dump(mode="json"),
        },
        "data": [{"name": one.name, "licence": one.licence} for one in recipe.sets],
        "map50": outcome.after.map50,
        "map50_95": {"all": outcome.after.map50_95},
        "map50_before": outcome.before.map50,
        "events": _events_data(outcome.events_after),
        "events_before": _events_data(outcome.events_before),
        "known_failures": list(recipe.known_failures),
    }


def as_text(outcome: TrainingOutcome) -> str:
    recipe, built = outcome.recipe, outcome.built
    parameters = recipe.training
    made = ", ".join(f"{count} {kind}" for kind, count in built.made.items()) or "none"
    parts = [
        f"# {recipe.name}\n",
        f"YOLOv8n with {len(recipe.labels)} classes: `{' '.join(recipe.labels)}`. "
        f"Licence AGPL-3.0. sha256 `{outcome.sha256}`.\n",
        f"Trained on {outcome.trained} for {outcome.hours:.2f} h: {parameters.epochs} epochs of "
        f"{built.pictures} pictures at {parameters.image_size_px} px, batch {parameters.batch}, "
        f"learning rate {parameters.learning_rate}, {parameters.frozen_layers} layers frozen, "
        f"seed {recipe.seed}, from the weights with sha256 `{recipe.start_sha256[:16]}…`.\n",
        f"Made pictures among them: {made}.\n",
        "## Data\n",
        _table(("set", "licence"), [(one.name, one.licence) for one in recipe.sets]),
        "## Single pictures\n",
        f"mAP50 on {built.validation_pictures} validation pictures, {parameters.image_size_px} px; "
        f"mAP50-95 over all: {outcome.before.map50_95:.3f} before, {outcome.after.map50_95:.3f} "
        "after.\n",
        _precision_table(outcome),
        "## Events\n",
        _events_text(outcome),
        "## Known failures\n",
        _list(recipe.known_failures, outcome.events_after),
    ]
    return "\n".join(parts)


def _precision_table(outcome: TrainingOutcome) -> str:
    labels = list(outcome.after.map50)
    rows = [
        (name, *(f"{found.map50.get(label, float('nan')):.3f}" for label in labels))
        for name, found in (("before", outcome.before), ("after", outcome.after))
    ]
    return _table(("", *labels), rows)


def _events_text(outcome: TrainingOutcome) -> str:
    scores = [("before", outcome.events_before), ("after", outcome.events_after)]
    rows = [_event_row(name, found) for name, found in scores if found is not None]
    if not rows:
        return "Not measured: no truth table was given.\n"
    head = ("", "clips", "fire", "smoke", "false alerts", "delay median / p95")
    return _table(head, rows)


def _event_row(name: str, found: EventScores) -> tuple[str, ...]:
    fire, smoke = (found.seen.get(kind, (0, 0)) for kind in ("fire", "smoke"))
    return (
        name,
        str(found.clips),
        f"{fire[0]} of {fire[1]}",
        f"{smoke[0]} of {smoke[1]}",
        f"{found.false_alerts} in {found.quiet_s:.0f} s",
        f"{found.delay_median_s} / {found.delay_p95_s} s",
    )


def _list(existing: tuple[str, ...], events: EventScores | None) -> str:
    found = list(existing)
    if events is not None:
        found += [f"missed: {name}" for name in events.missed]
        found += [f"deceived by: {name}" for name in events.deceived_by]
    return "".join(f"* {line}\n" for line in found) or "None written down.\n"


def _events_data(events: EventScores | None) -> dict[str, Any] | None:
    return None if events is None else asdict(events)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
