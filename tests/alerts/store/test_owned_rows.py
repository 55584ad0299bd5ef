"""What a scope sees is said in one place: a second one would be forgotten at the next change."""

import ast

from tests.source_trees import modules_with

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
        name
        for name, tree in modules_with("agencies", rooms=["alerts", "app"])
        for each in ast.walk(tree)
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and _cuts_rows(each)
    ]
    assert found == [OWNER]
