"""Command `thapcanh model add FILE`: validates a detector and installs it."""

import argparse
import hashlib
import json
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail, subcommand

if TYPE_CHECKING:
    from thapcanh.app.process.terminal import Subcommands
    from thapcanh.config.site import DetectorConfig
    from thapcanh.detection.detectors.own_model import JudgedModel

_ENDINGS = (".pt", ".onnx")
_MOST_BYTES = 2 << 30
_FIRE = "fire"
_BURNING = frozenset({_FIRE, "smoke"})  # which stay with the first detector
_FOR_OBJECTS = "rules that name one of `labels` go by it; leave out what the first one should keep"
_DETECTED_FROM = 0.25  # as rules of fire do not look below
_CALLS_SHOWN = 3
Prompt = Callable[[str], str]


class CannotAdd(Exception):
    """A refused model; the message says why in one sentence."""


def add_models(commands: "Subcommands") -> None:
    """`model add`."""

    def model(options: argparse.Namespace) -> int:
        return run_model(options, input if sys.stdin.isatty() else None)

    part = subcommand(commands, "model", "judge a detector of your own and write its card", model)
    part.add_argument("action", choices=("add",))
    part.add_argument(
        "--for", choices=("fire", "objects"), default="fire", dest="purpose",
        help="fire: in place of the shipped model; objects: beside it, for rules about its classes",
    )  # fmt: skip
    part.add_argument("file", type=Path, metavar="FILE", help="a .pt of Ultralytics or an .onnx")
    part.add_argument(
        "--map", action="append", default=[], metavar="CLASS=OURS",
        help="what a class of the model is called here, e.g. flame=fire; several times",
    )  # fmt: skip
    part.add_argument(
        "--size", type=int, help="longest side in pixels (default: 416; for objects 640)"
    )
    part.add_argument("--licence", default="unknown", help="of the weights, for the card")
    part.add_argument(
        "--trust", action="store_true",
        help="load a .pt that runs code of its own; only of somebody whose programs you would run",
    )  # fmt: skip


def run_model(options: argparse.Namespace, prompt: Prompt | None) -> int:
    """Add the model; print one line on standard error if it is unusable."""
    try:
        output = _add(options, prompt)
    except CannotAdd as error:
        return fail(f"{options.file}: {error}")
    sys.stdout.write(output)
    return exit_codes.OK


def _add(options: argparse.Namespace, prompt: Prompt | None) -> str:
    from thapcanh.config.site import DetectorConfig
    from thapcanh.detection.detectors.model_card import shipped_cards

    is_first = options.purpose == "fire"
    content, classes = _read(options), _mapping(options.map)
    try:
        settings = DetectorConfig(
            weights=str(options.file.resolve()),
            sha256=hashlib.sha256(content).hexdigest(),
            kind="onnx" if options.file.suffix == ".onnx" else "auto",
            classes=classes,
            image_size_px=options.size or (416 if is_first else 640),
        )
    except ValueError as error:
        raise CannotAdd(f"--size or --map cannot be used: {_last_line(error)}") from None
    trial = _tried(settings)
    own_labels = {label for card in shipped_cards() for label in card.labels}
    unknown = set(classes) - set(trial.labels)
    if unknown:
        raise CannotAdd(f"--map names {', '.join(sorted(unknown))}, no class of it")
    if prompt is not None and is_first:
        classes |= _requested(trial.labels, own_labels, prompt)
    settings = settings.model_copy(update={"classes": classes})
    seen = surest_fire(trial, classes) if is_first else None
    _write_card(options, settings, trial, seen)
    return _summary(options.file, settings, trial, seen, own_labels)


def _read(options: argparse.Namespace) -> bytes:
    """Return the file, checked not to run code when it is loaded. Raise `CannotAdd`."""
    from thapcanh.config.files import read_regular
    from thapcanh.detection.detectors.own_model import foreign_calls
    from thapcanh.detection.errors import WeightsError

    path: Path = options.file
    if path.suffix not in _ENDINGS:
        raise CannotAdd(f"expected a file that ends in {' or '.join(_ENDINGS)}")
    try:
        content = read_regular(path, _MOST_BYTES)
        calls = foreign_calls(content) if path.suffix == ".pt" and not options.trust else []
    except OSError as error:
        raise CannotAdd(f"cannot be read: {error.strerror}") from None
    except WeightsError as error:
        raise CannotAdd(str(error)) from None
    if calls:
        shown = ", ".join(calls[:_CALLS_SHOWN])
        raise CannotAdd(
            f"it runs code when it is loaded ({shown}); nothing was loaded. "
            "--trust loads it: only where you would run a program of whoever made it"
        )
    return content


def _mapping(written: Sequence[str]) -> dict[str, str]:
    pairs = [item.partition("=") for item in written]
    if not all(own and equals and own_labels for own, equals, own_labels in pairs):
        raise CannotAdd("--map is CLASS=OURS, e.g. flame=fire")
    return {own: own_labels for own, _, own_labels in pairs}


def _tried(settings: "DetectorConfig") -> "JudgedModel":
    from thapcanh.detection.detectors.own_model import tried
    from thapcanh.detection.errors import DetectorError

    try:
        with tempfile.TemporaryDirectory() as cache:
            plain = settings.model_copy(update={"classes": {}})
            return tried(plain, Path(cache))
    except DetectorError as error:
        raise CannotAdd(str(error)) from None


def _requested(labels: Sequence[str], own_labels: set[str], prompt: Prompt) -> dict[str, str]:
    choice = ", ".join(sorted(own_labels))
    found = {}
    for label in labels:
        if label not in own_labels:
            answer = prompt(f"class {label!r} is here ({choice}; Enter: none of these): ").strip()
            if answer:
                found[label] = answer
    return found


def surest_fire(trial: "JudgedModel", classes: Mapping[str, str]) -> float:
    """Return the confidence for the known fire. Raise `CannotAdd` if it is not detected."""
    named = {label: classes.get(label, label) for label in trial.labels}
    if _FIRE not in named.values():
        own = ", ".join(trial.labels)
        raise CannotAdd(f"none of its classes ({own}) is fire here; say which: --map CLASS=fire")
    surest = max(
        (trial.seen.get(item, 0.0) for item, own_labels in named.items() if own_labels == _FIRE)
    )
    if surest < _DETECTED_FROM:
        others = ", ".join(f"{item} {sure:.2f}" for item, sure in sorted(trial.seen.items()))
        raise CannotAdd(
            f"it does not see the known fire (at most {surest:.2f}, expected {_DETECTED_FROM}; "
            f"it sees {others or 'nothing'})"
        )
    return surest


def _write_card(
    options: argparse.Namespace,
    settings: "DetectorConfig",
    trial: "JudgedModel",
    seen: float | None,
) -> None:
    from thapcanh.config.files import replace_file

    card = {
        "name": options.file.stem,
        "file": options.file.name,
        "sha256": settings.sha256,
        "labels": [settings.classes.get(item, item) for item in trial.labels],
        "classes": dict(settings.classes),
        "image_size_px": trial.size_px,
        "licence": options.licence,
        "added": datetime.now(UTC).isoformat(timespec="seconds"),
        "for": options.purpose,
        **({} if seen is None else {"known_fire": {"confidence": round(seen, 3)}}),
        "speed": {
            "ms_per_picture": trial.ms_per_picture,
            "device": trial.device,
            "machine": platform.processor() or platform.machine(),
        },
        "code_trusted": bool(options.trust),
    }
    text = json.dumps(card, ensure_ascii=False, indent=2) + "\n"
    try:
        replace_file(_card_path(options.file), text.encode())
    except OSError as error:
        raise CannotAdd(f"its card cannot be written: {error.strerror}") from None


def _card_path(file: Path) -> Path:
    return file.with_suffix(".json")


def _summary(
    file: Path,
    settings: "DetectorConfig",
    trial: "JudgedModel",
    seen: float | None,
    own_labels: set[str],
) -> str:
    named = [settings.classes.get(item, item) for item in trial.labels]
    foreign = [item for item in named if item not in own_labels]
    things = [item for item in dict.fromkeys(named) if item not in _BURNING]
    speed = f"{trial.ms_per_picture:g} ms a picture on {trial.device}"
    lines = [
        speed if seen is None else f"the known fire is seen ({seen:.2f}), {speed}",
        f"classes: {', '.join(named)}",
        *([f"no shipped rule asks for: {', '.join(foreign)}"] if foreign and seen else []),
        *([_FOR_OBJECTS] if seen is None else []),
        f"card: {_card_path(file)}",
        "for the configuration:",
        "[detector.objects]" if seen is None else "[detector]",
        f"weights = {json.dumps(settings.weights, ensure_ascii=False)}",
        f'sha256 = "{settings.sha256}"',
        f'kind = "{settings.kind}"',
        f"image_size_px = {settings.image_size_px}",
        *([f"labels = {json.dumps(things, ensure_ascii=False)}"] if seen is None else []),
    ]
    if settings.classes:
        pairs = ", ".join(
            f"{json.dumps(own, ensure_ascii=False)} = {json.dumps(name, ensure_ascii=False)}"
            for own, name in settings.classes.items()
        )
        lines.append(f"classes = {{ {pairs} }}")
    return "\n".join(lines) + "\n"


def _last_line(error: Exception) -> str:
    lines = [item.strip() for item in str(error).splitlines() if item.strip()]
    return lines[2] if len(lines) > 2 else type(error).__name__
