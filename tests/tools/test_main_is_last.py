"""What begins a program stands at its module's end: what follows would not be there yet."""

import ast
from pathlib import Path

import pytest

from tests.source_trees import ROOMS, ROOT, modules_of

PLACES = (*ROOMS, "tools", "benchmarks", "tests")
PROGRAMS = [
    path for path in modules_of(*PLACES) if "__name__ ==" in path.read_text(encoding="utf-8")
]


def _begins(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_begins_a_program_is_its_last_statement(path: Path) -> None:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    assert not any(_begins(node) for node in body[:-1])
