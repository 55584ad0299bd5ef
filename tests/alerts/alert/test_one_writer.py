"""One writer of alerts' rows, one function that raises to P1, one name for a priority."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import alerts

_ROOT = Path(alerts.__file__).parents[1]
_ROOMS = ("alerts", "app", "config", "detection", "ingest", "thapcanh")
_WRITER = "alerts/alert/alert_writer.py"
_WRITES = frozenset({"update", "insert", "delete"})


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for room in _ROOMS:
        for path in sorted((_ROOT / room).rglob("*.py")):
            name = path.relative_to(_ROOT).as_posix()
            if "/migrations/" not in name and "node_modules" not in name:
                yield name, ast.parse(path.read_text(encoding="utf-8"))


MODULES = list(_modules())


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
    found = {name: sorted(_writes(tree)) for name, tree in MODULES}
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


def _raises(tree: ast.AST) -> Iterator[str]:
    """Functions that make a row's priority P1."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(one, ast.Assign)
            and any(isinstance(at, ast.Attribute) and at.attr == "priority" for at in one.targets)
            and "Priority.P1" in ast.unparse(one.value)
            for one in ast.walk(node)
        ):
            yield node.name


def test_one_function_raises_an_alert_to_p1() -> None:
    found = [(name, function) for name, tree in MODULES for function in _raises(tree)]
    assert found == [("alerts/alert/alert_rows.py", "raise_to_p1")]


def _is_priority(node: ast.expr) -> bool:
    name = ast.unparse(node)
    return name.rpartition(".")[2] == "priority" or name.endswith("['priority']")


def test_no_priority_is_compared_with_a_bare_number() -> None:
    bare = [
        f"{name}:{node.lineno}"
        for name, tree in MODULES
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(_is_priority(one) for one in (node.left, *node.comparators))
        and any(
            isinstance(one, ast.Constant) and isinstance(one.value, int)
            for one in (node.left, *node.comparators)
        )
    ]
    assert bare == []
