"""What a scope sees is said in one place: a second one would be forgotten at the next change."""

import ast
from pathlib import Path

ROOMS = [Path(__file__).parents[3] / room for room in ("alerts", "app")]
OWNER = "alerts/store/owned_rows.py"


def _cuts_rows(function: ast.AST) -> bool:
    """Whether it reads `scope.agencies`, and asks `column.in_(…)`."""
    read = [one for one in ast.walk(function) if isinstance(one, ast.Attribute)]
    of_scope = any(
        one.attr == "agencies" and ast.unparse(one.value).split(".")[-1] == "scope" for one in read
    )
    return of_scope and any(one.attr == "in_" for one in read)


def test_rows_are_cut_to_a_scope_in_one_place() -> None:
    found = [
        f"{path}:{each.name}"
        for room in ROOMS
        for path in room.rglob("*.py")
        if "node_modules" not in path.parts
        for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and _cuts_rows(each)
    ]
    assert [place.split(":")[0][-len(OWNER) :] for place in found] == [OWNER], found
