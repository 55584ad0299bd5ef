"""Checks the shape of the tree and its public names; prints what breaks and exits with 1.

Reads files as text, imports nothing. Finds folders with over 20 modules, files over 300 lines,
functions over 50, class names used twice, import circles, imports of a higher room or by a bare
name, names without a use (`tools/unused_names.py`), replaced names (`docs/glossary.md`), retired
words (`tools/retired_words.toml`), modules outside their feature's folders (`features.toml`).
"""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from unused_names import unused_names

PACKAGE = "thapcanh"
ROOMS = ("config", "ingest", "detection", "alerts", "app", PACKAGE)  # imports those before it
MOST_MODULES = 20
MOST_LINES = 300
MOST_LINES_OF_FUNCTION = 50
GENERATED = ("app/web/src/api/schema.d.ts",)
MIGRATIONS = "alerts/store/migrations/versions/"
GLOSSARY = Path("docs/glossary.md")
REPLACED = "## Replaced names"
FEATURES = Path(__file__).with_name("features.toml")
RETIRED = Path(__file__).with_name("retired_words.toml")
MOST_ALLOWED = 20
FEATURE_ROOMS = ("alerts", "app", "app/web/src")  # each feature has one folder in each
_IMPORT = re.compile(r"^(?:from \S+ import (?:\([^)]*\)|[^(\n]*)|import [^\n]*)\n", re.MULTILINE)
_BARE_IMPORT = re.compile(rf"^[ \t]*(?:from|import) ({'|'.join(ROOMS[:-1])})\b", re.MULTILINE)
_TS_IMPORT = re.compile(r"""(?:\bfrom|^\s*import)\s*['"](\.{1,2}/[^'"]+)['"]""", re.MULTILINE)

Graph = Mapping[str, set[str]]


def main() -> int:
    files = _tracked_files()
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in files if _is_code(path)}
    graph = imports_between(trees)
    findings = [
        *wide_folders([path for path in files if path.suffix == ".py"]),
        *long_files(files),
        *long_functions(trees),
        *names_used_twice(trees),
        *circles(graph),
        *circles(screens_imports(files)),
        *upward_imports(graph),
        *bare_imports([path for path in files if path.suffix == ".py"]),
        *replaced_names(trees, names_in_glossary(GLOSSARY.read_text(encoding="utf-8"))),
        *retired_words(trees, tomllib.loads(RETIRED.read_text(encoding="utf-8"))),
        *unused_names({module_name(path): tree for path, tree in trees.items()}),
        *strangers(files, tomllib.loads(FEATURES.read_text(encoding="utf-8"))),
    ]
    findings.append(f"house: {len(findings)} findings in {len(files)} files")
    print(*findings, sep="\n")  # noqa: T201 this is a command
    return 1 if findings[1:] else 0


def wide_folders(paths: Sequence[Path]) -> Iterator[str]:
    """Yield folders with too many modules, not counting `__init__.py`."""
    widths = Counter(path.parent for path in paths if path.name != "__init__.py")
    for folder, width in sorted(widths.items()):
        if width > MOST_MODULES and not f"{folder}/".startswith(MIGRATIONS):
            yield f"{folder}/: {width} modules, at most {MOST_MODULES}"


def long_files(paths: Sequence[Path]) -> Iterator[str]:
    """Yield source files that are too long without imports; generated ones may be."""
    for path in paths:
        if path.suffix not in {".py", ".ts", ".svelte", ".css"} or str(path) in GENERATED:
            continue
        text = path.read_text(encoding="utf-8")
        lines = (_IMPORT.sub("", text) if path.suffix == ".py" else text).count("\n")
        if lines > MOST_LINES and not str(path).startswith(MIGRATIONS):
            yield f"{path}: {lines} lines, at most {MOST_LINES}"


def long_functions(trees: Mapping[Path, ast.Module]) -> Iterator[str]:
    """Yield functions that are too long, except in migrations."""
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_LINES_OF_FUNCTION and not str(path).startswith(MIGRATIONS):
                yield f"{path}:{node.lineno}: {node.name} has {lines} lines, at most 50"


def names_used_twice(trees: Mapping[Path, ast.Module]) -> Iterator[str]:
    """Yield names of public classes that two modules define."""
    owners: dict[str, list[str]] = defaultdict(list)
    for path, tree in trees.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                owners[node.name].append(str(path))
    for name, paths in sorted(owners.items()):
        if len(paths) > 1:
            yield f"class {name} is defined in {', '.join(sorted(paths))}"


def imports_between(trees: Mapping[Path, ast.Module]) -> dict[str, set[str]]:
    """Return the imports of each module, except those inside functions."""
    names = {module_name(path) for path in trees}
    return {
        module_name(path): set(_imported(tree, names)) - {module_name(path)}
        for path, tree in trees.items()
    }


def circles(graph: Graph) -> Iterator[str]:
    """Yield modules that import each other, directly or through others."""
    for group in _strongly_connected(graph):
        if len(group) > 1:
            yield f"import circle: {', '.join(sorted(group))}"


def screens_imports(paths: Sequence[Path]) -> dict[str, set[str]]:
    """Return the imports of the screens' files, except dynamic ones."""
    sources = {str(path) for path in paths if _is_screen(path)}
    return {
        source: {
            found
            for imported in _TS_IMPORT.findall(Path(source).read_text(encoding="utf-8"))
            for end in ("", ".ts", ".svelte")
            if (found := os.path.normpath(f"{os.path.dirname(source)}/{imported}{end}")) in sources
        }
        for source in sources
    }


def strangers(paths: Sequence[Path], table: Mapping[str, Any]) -> Iterator[str]:
    """Yield folders that are no feature, and modules of a feature outside its folders."""
    features, elsewhere = table["features"], table["elsewhere"]
    for room, shared in table["shared"].items():
        folders = {path.parts[room.count("/") + 1] for path in paths if _is_under(path, room, 2)}
        for folder in sorted(folders - {*shared, *features}):
            yield f"{room}/{folder}/: no feature and not shared, see {FEATURES.name}"
    for path in paths:
        if not _is_named_for_features(path) or any(_is_under(path, item) for item in elsewhere):
            continue
        named = [name for name, item in features.items() if _has_word(path, item.get("words", ()))]
        rooms = [room for name in named for room in rooms_of(name, features[name])]
        if named and not any(_is_under(path, room) for room in rooms):
            yield f"{path}: named for {' and '.join(named)}, outside its rooms"
    also = (item for each in features.values() for item in each.get("also", ()))
    for place in (*elsewhere, *also):
        if not any(_is_under(path, place) for path in paths):
            yield f"{FEATURES.name}: {place} is nowhere"


def rooms_of(feature: str, entry: Mapping[str, Any]) -> list[str]:
    return [*(f"{room}/{feature}" for room in FEATURE_ROOMS), *entry.get("also", ())]


def upward_imports(graph: Graph) -> Iterator[str]:
    """Yield imports of a higher room."""
    for module, imported in sorted(graph.items()):
        for other in sorted(imported):
            if _floor(other) > _floor(module):
                yield f"{module} imports {other}, which lies above it"


def bare_imports(paths: Sequence[Path]) -> Iterator[str]:
    """Yield imports of a room that leave out the package: it would be loaded a second time."""
    for path in paths:
        for found in _BARE_IMPORT.finditer(path.read_text(encoding="utf-8")):
            yield f"{path}: `{found[0].strip()}`: rooms are imported as {PACKAGE}.{found[1]}"


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


def retired_words(trees: Mapping[Path, ast.Module], table: Mapping[str, Any]) -> Iterator[str]:
    """Yield identifiers with a retired word, and allowed names beyond the limit."""
    words, allowed = set(table["words"]), table["allowed"]
    if len(allowed) > MOST_ALLOWED:
        yield f"{RETIRED.name}: {len(allowed)} names are allowed, at most {MOST_ALLOWED}"
    named = []
    for path, tree in trees.items():
        for name in sorted({*_defined_names(tree), path.stem} - {*allowed}):
            parts = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)
            if found := words & {part.lower() for part in parts}:
                named.append(f"{path}: {name} has the retired word {min(found)}, see {GLOSSARY}")
    if len(named) > table["remaining"]:
        yield from named
    elif len(named) < table["remaining"]:
        yield f"{RETIRED.name}: {len(named)} names remain, write that"


def module_name(path: Path) -> str:
    """Return the name that `path` is imported by: `alerts/a.py` is `thapcanh.alerts.a`."""
    name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    return f"{PACKAGE}.{name}" if path.parts[0] in ROOMS[:-1] else name


def _defined_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.id if isinstance(node, ast.Name) else node.attr


def _is_one_of(name: str, patterns: frozenset[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _is_screen(path: Path) -> bool:
    is_source = path.suffix in {".ts", ".svelte"} and not path.name.endswith(".test.ts")
    return is_source and _is_under(path, "app/web/src")


def _is_named_for_features(path: Path) -> bool:
    is_module = path.suffix == ".py" and path.parts[0] in ROOMS[1:] and "web" not in path.parts[:2]
    return is_module or _is_screen(path)


def _is_under(path: Path, place: str, below: int = 0) -> bool:
    """Return True if a file is `place` or at least `below` levels inside it."""
    parts = tuple(place.split("/"))
    return path.parts[: len(parts)] == parts and len(path.parts) >= len(parts) + below


def _has_word(path: Path, words: Sequence[str]) -> bool:
    spelled = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", path.name.split(".")[0]).replace("-", "_").lower()
    return any(re.search(rf"(?:^|_){word}s?(?:_|$)", spelled) for word in words)


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
    room = module.removeprefix(f"{PACKAGE}.").split(".", maxsplit=1)[0]
    return ROOMS.index(room) if room in ROOMS else len(ROOMS)


def _strongly_connected(graph: Graph) -> Iterator[set[str]]:
    """Yield groups of modules that can all reach each other."""
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
