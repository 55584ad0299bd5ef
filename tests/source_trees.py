"""The product's modules as trees, for tests that walk all of them.

To parse all takes eight seconds, and to keep them slows every later test of the process: only
modules in which a word that is looked for stands are parsed, each when it is asked for.
"""

import ast
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("config", "ingest", "detection", "alerts", "app", "thapcanh")
_NOT_OURS = {"node_modules", "docs_dist", "web_dist"}  # checks may make them anew beside a test


def modules_of(*rooms: str) -> Iterator[Path]:
    """Every module of these rooms, each room's in order."""
    for room in rooms:
        found = []
        for folder, inside, files in os.walk(ROOT / room):
            inside[:] = [name for name in inside if name not in _NOT_OURS]
            found += [Path(folder, name) for name in files if name.endswith(".py")]
        yield from sorted(found)


def modules_with(*words: str, rooms: Iterable[str] = ROOMS) -> Iterator[tuple[str, ast.Module]]:
    """Path from the root and tree of each module that holds one of the words."""
    wanted = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b")
    for path in modules_of(*rooms):
        text = path.read_text(encoding="utf-8")
        if wanted.search(text):
            yield path.relative_to(ROOT).as_posix(), ast.parse(text)
