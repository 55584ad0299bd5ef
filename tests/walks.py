"""The walks of CONTRIBUTING.md as tests take them: their blocks, and a file that is dropped in."""

import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

_PAGE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(walk: str, language: str) -> list[str]:
    """The blocks of one walk in one language, in order."""
    section = _PAGE.split(f"\n## {walk}\n")[1].split("\n## ")[0]
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", section, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for block in found]


@contextmanager
def dropped_in(
    walk: str,
    name: str,
    folder: ModuleType,
    room: Path,
    *,
    forget: Callable[[], None],
    as_package: bool = False,
) -> Iterator[None]:
    """The walk's file lies in the folder of its kind, or in a package with its entry point.

    `forget` lets the registry look again.
    """
    (code,) = blocks(walk, "python")
    room.mkdir()
    (room / f"{name}.py").write_text(code, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        if as_package:
            _name_entry_point(walk, name, room)
            patch.syspath_prepend(room)
        else:
            patch.setattr(folder, "__path__", [*folder.__path__, str(room)])
        forget()
        yield
    forget()
    for each in (name, f"{folder.__name__}.{name}"):
        sys.modules.pop(each, None)
    vars(folder).pop(name, None)


def _name_entry_point(walk: str, name: str, room: Path) -> None:
    toml = blocks(walk, "toml")[-1]
    (named,) = re.findall(r'^\[project\.entry-points\."(.*)"\]\n(.*) = "(.*)"', toml)
    facts = room / f"{name}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text("[{}]\n{} = {}\n".format(*named))
