"""Names of the product that nothing in the product uses: dead, or only of tests."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

FOUND_BY_REGISTRY = {"FEATURE", "RULE", "TARGET", "SCHEME", "DETECTOR", "TEXTS", "MAKE", "COMMANDS"}
_MIGRATIONS = ".migrations.versions."
_WORD = re.compile(r"[A-Za-z_]\w*")
_QUOTED = re.compile(r"[A-Za-z_][\w.\[\], |]*")  # an annotation or a name in `__all__`


@dataclass(slots=True)
class _Uses:
    """What one module names."""

    own: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    imported: set[tuple[str, str]] = field(default_factory=set)


def unused_names(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    """Yield module-level names without a use, except in migrations.

    `module.name` counts where the module is imported; decorated functions are not checked.
    """
    uses = {module: _uses(tree) for module, tree in trees.items()}
    used: dict[str, set[str]] = defaultdict(set, {name: set(one.own) for name, one in uses.items()})
    for one in uses.values():
        for module in one.modules:
            used[module] |= one.attributes
        for module, name in one.imported:
            used[module].add(name)
            used[f"{module}.{name}"] |= one.attributes
    for module, tree in trees.items():
        names = () if _MIGRATIONS in module else _defined(tree)
        for name in names:
            if name not in used[module] | FOUND_BY_REGISTRY and not name.startswith("__"):
                yield f"{module}: {name} is used by no module of the product"


def _uses(tree: ast.Module) -> _Uses:
    found = _Uses()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.own.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.attributes.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _QUOTED.fullmatch(node.value):
                found.own.update(_WORD.findall(node.value))
        elif isinstance(node, ast.Import):
            found.modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.imported.update((node.module, alias.name) for alias in node.names)
    return found


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if not node.decorator_list or isinstance(node, ast.ClassDef):
                yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                names = (one for one in ast.walk(target) if isinstance(one, ast.Name))
                yield from (one.id for one in names if isinstance(one.ctx, ast.Store))
