"""Checks the shape of the tree and its public names; prints what breaks and exits with 1.

`python tools/house.py` reads files as text and imports nothing. It holds: no folder with more than
20 Python modules, no file over 300 lines, no function over 50, no public class name twice, no
import circle, no import of a higher room, and none of the names that `docs/glossary.md` replaced.
"""

import ast
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

ROOMS = ("config", "ingest", "detection", "alerts", "app")  # each imports only those before it
MOST_MODULES = 20
MOST_LINES = 300
MOST_LINES_OF_FUNCTION = 50
GENERATED = ("app/web/src/api/schema.d.ts",)
MIGRATIONS = "alerts/store/migrations/versions/"
GLOSSARY = Path("docs/glossary.md")
REPLACED = "## Replaced names"

Graph = Mapping[str, set[str]]


def main() -> int:
    """Print every finding; return 1 if there is one."""
    files = _tracked_files()
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files if _is_code(path)}
    graph = imports_between(trees)
    findings = [
        *wide_folders([path for path in files if path.suffix == ".py"]),
        *long_files(files),
        *long_functions(trees),
        *names_used_twice(trees),
        *circles(graph),
        *upward_imports(graph),
        *replaced_names(trees, names_in_glossary(GLOSSARY.read_text(encoding="utf-8"))),
    ]
    for finding in findings:
        print(finding)  # noqa: T201 this is a command
    print(f"house: {len(findings)} findings in {len(files)} files")  # noqa: T201
    return 1 if findings else 0


def wide_folders(paths: Sequence[Path]) -> Iterator[str]:
    """Folders with too many modules; `__init__.py` does not count."""
    widths = Counter(path.parent for path in paths if path.name != "__init__.py")
    for folder, width in sorted(widths.items()):
        if width > MOST_MODULES and not f"{folder}/".startswith(MIGRATIONS):
            yield f"{folder}/: {width} modules, at most {MOST_MODULES}"


def long_files(paths: Sequence[Path]) -> Iterator[str]:
    """Source files that are too long; generated files and migrations may be."""
    for path in paths:
        if path.suffix not in {".py", ".ts", ".svelte", ".css"} or str(path) in GENERATED:
            continue
        lines = path.read_text(encoding="utf-8").count("\n")
        if lines > MOST_LINES and not str(path).startswith(MIGRATIONS):
            yield f"{path}: {lines} lines, at most {MOST_LINES}"


def long_functions(trees: Mapping[Path, ast.Module]) -> Iterator[str]:
    """Functions that are too long; those of migrations may be."""
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_LINES_OF_FUNCTION and not str(path).startswith(MIGRATIONS):
                yield f"{path}:{node.lineno}: {node.name} has {lines} lines, at most 50"


def names_used_twice(trees: Mapping[Path, ast.Module]) -> Iterator[str]:
    """Public classes of one name in two modules."""
    owners: dict[str, list[str]] = defaultdict(list)
    for path, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                owners[node.name].append(str(path))
    for name, paths in sorted(owners.items()):
        if len(paths) > 1:
            yield f"class {name} is defined in {', '.join(sorted(paths))}"


def imports_between(trees: Mapping[Path, ast.Module]) -> dict[str, set[str]]:
    """Which module imports which, functions' own imports left out."""
    names = {module_name(path) for path in trees}
    return {
        module_name(path): set(_imported(tree, names)) - {module_name(path)}
        for path, tree in trees.items()
    }


def circles(graph: Graph) -> Iterator[str]:
    """Modules that import each other, directly or through others."""
    for group in _strongly_connected(graph):
        if len(group) > 1:
            yield f"import circle: {', '.join(sorted(group))}"


def upward_imports(graph: Graph) -> Iterator[str]:
    """Imports of a room that lies above."""
    for module, imported in sorted(graph.items()):
        for other in sorted(imported):
            if _floor(other) > _floor(module):
                yield f"{module} imports {other}, which lies above it"


def replaced_names(trees: Mapping[Path, ast.Module], replaced: frozenset[str]) -> Iterator[str]:
    """Public modules, classes and functions with a name that the glossary replaced."""
    for path, tree in trees.items():
        if _is_one_of(path.name, replaced) or _is_one_of(path.stem, replaced):
            yield f"{path}: the module's name was replaced, see {GLOSSARY}"
        for node in ast.walk(tree):
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if _is_one_of(node.name, replaced):
                yield f"{path}:{node.lineno}: {node.name} was replaced, see {GLOSSARY}"


def names_in_glossary(text: str) -> frozenset[str]:
    """Return the names in the first column of the glossary's table of replaced names."""
    _, _, table = text.partition(REPLACED)
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `")]
    return frozenset(name.strip("` ") for row in rows for name in row[1].split(","))


def module_name(path: Path) -> str:
    """`alerts/queue/queue.py` is `alerts.queue.queue`."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _is_one_of(name: str, patterns: frozenset[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True
    )
    return [path for path in map(Path, listed.stdout.splitlines()) if path.is_file()]


def _is_code(path: Path) -> bool:
    return path.suffix == ".py" and path.parts[0] in ROOMS and "web" not in path.parts[:2]


def _imported(tree: ast.Module, names: set[str]) -> Iterator[str]:
    for node in _at_import_time(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in names:
                    yield inner
                elif node.module in names:
                    yield node.module


def _at_import_time(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            yield from _at_import_time(node)


def _floor(module: str) -> int:
    return ROOMS.index(module.split(".", maxsplit=1)[0])


def _strongly_connected(graph: Graph) -> Iterator[set[str]]:
    """Groups of modules of which each can be reached from each other."""
    reachable = {name: _reached_from(name, graph) for name in graph}
    done: set[str] = set()
    for name in graph:
        group = {other for other in reachable[name] if name in reachable.get(other, ())}
        if not group & done:
            yield group
        done |= group


def _reached_from(start: str, graph: Graph) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        for other in graph.get(waiting.pop(), set()) - reached:
            reached.add(other)
            waiting.append(other)
    return reached


if __name__ == "__main__":
    sys.exit(main())
