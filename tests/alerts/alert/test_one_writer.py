"""One writer of alerts' rows, one function that raises to P1, one name for a priority."""

import ast
from collections.abc import Iterator

import pytest

from tests.source_trees import modules_with

_WRITER = "alerts/alert/alert_writer.py"
_WRITES = frozenset({"update", "insert", "delete"})


def _modules_with(word: str) -> Iterator[tuple[str, ast.Module]]:
    return (one for one in modules_with(word) if "/migrations/" not in one[0])


def _is_alert(node: ast.expr) -> bool:
    """`alert`, `alert_tables.alert`, `tables["alert"]`."""
    match node:
        case ast.Name(id="alert") | ast.Attribute(attr="alert"):
            return True
        case ast.Subscript(slice=ast.Constant(value="alert")):
            return True
        case _:
            return False


def _writes(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        match node:
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[first, *_]) if (
                name in _WRITES and _is_alert(first)
            ):
                yield name
            case ast.Call(func=ast.Attribute(attr=name, value=about)) if (
                name in _WRITES and _is_alert(about)
            ):
                yield name
            case ast.Call(
                func=ast.Attribute(attr="table") | ast.Name(id="table"),
                args=[ast.Constant(value="alert"), *_],
            ):
                yield "table"


def test_one_module_writes_alerts_rows_and_by_one_update() -> None:
    found = {name: sorted(_writes(tree)) for name, tree in _modules_with("alert")}
    assert {name: writes for name, writes in found.items() if writes} == {
        _WRITER: ["insert", "update"]
    }


@pytest.mark.parametrize(
    "text",
    [
        "sa.update(alert)",
        "update(alert)",
        "alert.update()",
        "sa.delete(alert_tables.alert)",
        'sa.insert(metadata.tables["alert"])',
        'sa.table("alert", sa.column("id"))',
    ],
)
def test_each_way_to_write_a_row_is_seen(text: str) -> None:
    assert list(_writes(ast.parse(text)))


def _sets_priority(tree: ast.AST) -> Iterator[str]:
    """Functions that say what priority a row has from now on: as its attribute, or as a column."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and any(
            _is_set(one) for one in ast.walk(function)
        ):
            yield function.name


def _is_set(node: ast.AST) -> bool:
    match node:
        case ast.Assign(targets=targets):
            return any(isinstance(at, ast.Attribute) and at.attr == "priority" for at in targets)
        case ast.Dict(keys=keys):
            named = {key.value for key in keys if isinstance(key, ast.Constant)}
            return {"priority", "spoken_priority"} <= named
        case _:
            return False


def test_one_function_raises_an_alert_and_lowers_it() -> None:
    modules = [one for one in _modules_with("priority") if one[0].startswith("alerts/")]
    assert [(name, function) for name, tree in modules for function in _sets_priority(tree)] == [
        ("alerts/alert/alert_rows.py", name) for name in ("apply_sighting", "_at_priority")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "def raised(row): row.priority = Priority.P1.value",
        'def raised(row): return {"priority": 1, "spoken_priority": 1}',
    ],
)
def test_each_way_to_set_a_priority_is_seen(text: str) -> None:
    assert list(_sets_priority(ast.parse(text))) == ["raised"]


def _is_priority(node: ast.expr) -> bool:
    name = ast.unparse(node)
    return name.rpartition(".")[2] == "priority" or name.endswith("['priority']")


def test_no_priority_is_compared_with_a_bare_number() -> None:
    bare = [
        f"{name}:{node.lineno}"
        for name, tree in _modules_with("priority")
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(_is_priority(one) for one in (node.left, *node.comparators))
        and any(
            isinstance(one, ast.Constant) and isinstance(one.value, int)
            for one in (node.left, *node.comparators)
        )
    ]
    assert bare == []
