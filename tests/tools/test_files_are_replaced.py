"""One place gives files their names: who renames by hand forgets to bring the name to the disk.

`ruff` forbids `os.replace` and its like (TID251). A path's own `replace` and `rename` are found
here, in every module of the product.
"""

import ast

from tests.source_trees import modules_with

ALLOWED = {
    "config/files.py": "the one place",
    "ingest/recording/journal.py": "a segment is found by either name, and moved again at a start",
    "app/process/heartbeat.py": "a sign of life, worth nothing once the machine stops",
    "app/centre/centre.py": "the site in force, no file",
}


def renames(tree: ast.Module) -> list[int]:
    """Lines with `path.replace(target)`, `path.rename(target)` or `Path.rename(path, target)`.

    A string's `replace` has two arguments, that of a date or a record names what it changes.
    """
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        of, name = node.func.value, node.func.attr
        is_unbound = isinstance(of, ast.Name) and of.id == "Path"
        if name in {"replace", "rename"} and len(node.args) == 1 + is_unbound and not node.keywords:
            found.append(node.lineno)
    return found


def test_a_rename_by_hand_is_found() -> None:
    source = "a.replace(b)\na.rename(b)\nPath.rename(a, b)\nc.replace(x, y)\nreplace(a, b=1)\n"
    assert renames(ast.parse(source)) == [1, 2, 3]


def test_files_are_given_their_names_in_one_place() -> None:
    modules = modules_with("replace", "rename")
    found = {name: lines for name, tree in modules if (lines := renames(tree))}
    assert {path: lines for path, lines in found.items() if path not in ALLOWED} == {}
    assert found.keys() == ALLOWED.keys(), "an exception that nothing needs"
