"""Answers by key are kept in one place: four features had each their own reading and writing."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
KEEPERS = {"alerts/store/idempotent.py", "alerts/store/log_tables.py"}


def test_nobody_else_reads_or_writes_the_table_of_answers() -> None:
    found = {
        str(path.relative_to(ROOT))
        for room in ("alerts", "app")
        for path in (ROOT / room).rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Name) and node.id == "idempotency")
        or (isinstance(node, ast.Attribute) and node.attr == "idempotency")
        or (isinstance(node, ast.alias) and node.name == "idempotency")
    }
    assert found == KEEPERS
