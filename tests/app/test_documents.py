"""What the engineers' documents name is there: files, modules, commands, options, settings."""

import argparse
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from thapcanh.app.cli.main import parser
from thapcanh.config.site import Site

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted((ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")))
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
NAMED = re.compile(
    r"`((?:app|alerts|benchmarks|config|deploy|detection|docs|ingest|tests|thapcanh/tools)/[\w./@-]+)`"
)
MODULE = re.compile(r"python3? -m ((?:benchmarks|tests|app)[\w.]*)")
COMMAND = re.compile(r"(?:^|[`/ ])thapcanh ([a-z]+(?![/.])\b[^`#\n]*)", re.MULTILINE)
OF_KUBERNETES = re.compile(r"\b(?:kubectl|helm) (?:(?! -- )[^`\n])*")
"""A command of another program up to what it runs in a pod: `thapcanh` is a namespace there."""
SETTING = re.compile(r"\[([a-z]+)\] ([a-z_]+)(?![a-z_.])(?: =|`)")
MAKE = re.compile(r"(?:`|^    )make ([a-z-]+)", re.MULTILINE)


def _commands() -> dict[str, argparse.ArgumentParser]:
    (found,) = (each for each in parser()._actions if each.dest == "name")
    assert isinstance(found.choices, dict)
    return found.choices


def _options(command: argparse.ArgumentParser) -> set[str]:
    """Its own, and those of the commands below it."""
    found = set(command._option_string_actions)
    for each in command._actions:
        if isinstance(each, argparse._SubParsersAction):
            found |= {name for below in each.choices.values() for name in _options(below)}
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_and_module_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    missing = [link for link in LINK.findall(text) if not (path.parent / link).exists()]
    missing += [name for name in NAMED.findall(text) if not (ROOT / name).exists()]
    missing += [name for name in MODULE.findall(text) if find_spec(name) is None]
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_and_option_is_there(path: Path) -> None:
    known = _commands()
    wrong = []
    for line in COMMAND.findall(OF_KUBERNETES.sub("", path.read_text(encoding="utf-8"))):
        words = line.split()
        command = known.get(words[0])
        if command is None:
            wrong.append(line)
            continue
        options = _options(command)
        wrong += [word for word in words if re.match(r"--?[a-z]", word) and word not in options]
    assert wrong == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_setting_and_make_target_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wrong = [
        f"[{section}] {key}"
        for section, key in SETTING.findall(text)
        if section not in Site.model_fields
        or key not in getattr(Site(), section).__class__.model_fields
    ]
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert wrong + sorted(set(MAKE.findall(text)) - targets) == []


def test_every_picture_is_shown_and_made_again_by_the_command() -> None:
    stored = {path.stem for path in (ROOT / "docs" / "pictures").iterdir()}
    shown = set(re.findall(r"pictures/([\w-]+)\.png\)", "".join(map(_text, DOCUMENTS))))
    scripts = "".join(map(_text, (ROOT / "tests" / "pictures").glob("*.py")))
    made = set(re.findall(r'(?:shoot\(|shooter, )"([\w-]+)"', scripts))
    assert stored == shown == made


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
