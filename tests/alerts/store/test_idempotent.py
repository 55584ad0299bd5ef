"""Answers by key are kept in one place: four features had each their own reading and writing."""

import ast

from tests.source_trees import modules_with

KEEPERS = {"alerts/store/idempotent.py", "alerts/store/log_tables.py"}


def test_nobody_else_reads_or_writes_the_table_of_answers() -> None:
    found = {
        name
        for name, tree in modules_with("idempotency", rooms=["alerts", "app"])
        if "/migrations/" not in name
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == "idempotency")
        or (isinstance(node, ast.Attribute) and node.attr == "idempotency")
        or (isinstance(node, ast.alias) and node.name == "idempotency")
    }
    assert found == KEEPERS
