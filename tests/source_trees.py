"""The product's modules as trees, for tests that walk all of them.

To parse all takes eight seconds, and to keep them slows every later test of the process: only
modules in which a word that is looked for stands are parsed, each when it is asked for.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("config", "ingest", "detection", "alerts", "app", "thapcanh")
_NOT_OURS = {"node_modules", "docs_dist"}  # packages, and code that documents show to others


def modules_with(*words: str, rooms: Iterable[str] = ROOMS) -> Iterator[tuple[str, ast.Module]]:
    """Path from the root and tree of each module that holds one of the words."""
    wanted = re.compile(rf"\b({'|'.join(map(re.escape, words))})\b")
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            if _NOT_OURS.isdisjoint(path.parts):
                text = path.read_text(encoding="utf-8")
                if wanted.search(text):
                    yield path.relative_to(ROOT).as_posix(), ast.parse(text)
