"""Kinds are found in one place: folders and entry points are read by nobody else."""

import ast
import logging
import sys
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

from tests.source_trees import modules_with
from thapcanh.config.kinds import KindFinder


@dataclass(frozen=True)
class Toy:
    names: tuple[str, ...]


@dataclass(frozen=True)
class Rattle(Toy):
    def __getattribute__(self, name: str) -> object:
        if name == "names":
            raise RuntimeError("it has no name")
        return super().__getattribute__(name)


OURS = Toy(("bear", "ball"))
THEIRS = Toy(("ball", "kite"))
NAMELESS = Rattle(("rattle",))
A_FOLDER = ModuleType("no_folder")


def _finder(folder: ModuleType) -> KindFinder[Toy]:
    return KindFinder(
        type=Toy,
        folder=folder,
        constant="TOY",
        entry_points="thapcanh.toys",
        names=lambda each: each.names,
    )


def _named(attribute: str) -> EntryPoint:
    return EntryPoint(name="theirs", value=f"{__name__}:{attribute}", group="thapcanh.toys")


def test_of_two_with_one_name_the_first_stays_and_the_other_is_told() -> None:
    found = _finder(A_FOLDER).collected([OURS], [_named("THEIRS")])
    assert dict(found.by_name) == {"bear": OURS, "ball": OURS, "kite": THEIRS}
    ((name, told),) = found.problems
    assert name == "theirs"
    assert told.endswith("the kind 'ball' is there already")


def test_one_from_outside_that_fails_when_it_is_asked_stops_no_other() -> None:
    found = _finder(A_FOLDER).collected([OURS], [_named("NAMELESS"), _named("THEIRS")])
    assert "kite" in found.by_name
    assert [told.partition(" ")[2] for _, told in found.problems] == [
        "cannot be used: it has no name",
        "the kind 'ball' is there already",
    ]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """An importable folder of kinds, with one kind."""
    (tmp_path / "toys").mkdir()
    (tmp_path / "toys" / "bear.py").write_text(f"from {__name__} import OURS as TOY\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    made = ModuleType("toys")
    made.__path__ = [str(tmp_path / "toys")]
    monkeypatch.setitem(sys.modules, "toys", made)
    return made


def test_a_module_whose_library_is_not_installed_is_left_out(
    folder: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    (Path(folder.__path__[0]) / "drum.py").write_text("import no_such_library\n")
    with caplog.at_level(logging.INFO):
        assert set(_finder(folder).find().by_name) == {"bear", "ball"}
    assert "toys.drum needs no_such_library, which is not installed" in caplog.text


def test_a_module_that_names_a_module_of_ours_wrongly_is_an_error(folder: ModuleType) -> None:
    (Path(folder.__path__[0]) / "drum.py").write_text("import config.no_such_module\n")
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        _finder(folder).find()


def test_nobody_else_reads_folders_or_entry_points() -> None:
    readers = {
        path
        for path, tree in modules_with("entry_points", "iter_modules")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in {"entry_points", "iter_modules"}
    }
    assert readers == {"config/kinds.py"}
