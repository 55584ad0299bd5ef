"""`tools/house.py` finds what it forbids, on trees made for it."""

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def house() -> Iterator[ModuleType]:
    """The tool as a module: `tools/` is no package."""
    spec = importlib.util.spec_from_file_location("house", ROOT / "tools" / "house.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        spec.loader.exec_module(module)
        yield module


def _trees(**sources: str) -> dict[Path, ast.Module]:
    return {
        Path(name.replace("__", "/") + ".py"): ast.parse(text) for name, text in sources.items()
    }


def test_a_wide_folder_is_named(house: ModuleType) -> None:
    paths = [Path(f"alerts/module_{number}.py") for number in range(21)]
    assert list(house.wide_folders(paths)) == ["alerts/: 21 modules, at most 20"]
    assert list(house.wide_folders([*paths[:20], Path("alerts/__init__.py")])) == []


def test_a_long_file_is_named_and_a_generated_one_is_not(house: ModuleType, tmp_path: Path) -> None:
    long = tmp_path / "long.py"
    long.write_text("\n" * 301)
    assert [finding.split(": ")[1] for finding in house.long_files([long])] == [
        "301 lines, at most 300"
    ]
    long.write_text("from a import (\n    b,\n)\nfrom a import c\nimport d\n" + "\n" * 300)
    assert list(house.long_files([long])) == []
    assert list(house.long_files([tmp_path / "absent.json"])) == []


def test_a_public_class_name_in_two_modules_is_named(house: ModuleType) -> None:
    trees = _trees(alerts__a="class Queue: ...", app__b="class Queue: ...\nclass _Queue: ...")
    assert list(house.names_used_twice(trees)) == [
        "class Queue is defined in alerts/a.py, app/b.py"
    ]


def test_a_circle_is_found_through_others_and_a_functions_import_is_none(house: ModuleType) -> None:
    trees = _trees(
        app__a="from thapcanh.app.b import x",
        app__b="from thapcanh.app import c",
        app__c="import thapcanh.app.a",
    )
    assert list(house.circles(house.imports_between(trees))) == [
        "import circle: thapcanh.app.a, thapcanh.app.b, thapcanh.app.c"
    ]
    trees |= _trees(app__c="def f() -> None:\n    import thapcanh.app.a")
    assert list(house.circles(house.imports_between(trees))) == []


def test_an_import_of_a_higher_room_is_named(house: ModuleType) -> None:
    trees = _trees(
        ingest__a="from thapcanh.alerts.b import x",
        alerts__b="from thapcanh.config.c import y",
    )
    trees |= _trees(config__c="y = 1")
    assert list(house.upward_imports(house.imports_between(trees))) == [
        "thapcanh.ingest.a imports thapcanh.alerts.b, which lies above it"
    ]


def test_an_import_of_a_room_by_its_bare_name_is_named(house: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(
        "def f():\n    from config.site import Site\nimport thapcanh.app\nimport apps\n"
    )
    assert list(house.bare_imports([file])) == [
        f"{file}: `from config`: rooms are imported as thapcanh.config"
    ]


def test_names_that_the_glossary_replaced_are_found_as_module_class_and_method(
    house: ModuleType,
) -> None:
    table = f"{house.REPLACED}\n\n| old | now |\n|---|---|\n| `Shown*`, `ring`, `life.py` | x |\n"
    replaced = house.names_in_glossary(table)
    source = "class ShownAlert:\n    def ring(self) -> None: ...\n    def bring(self) -> None: ..."
    found = list(house.replaced_names(_trees(alerts__life=source), replaced))
    assert [finding.partition(" was")[0] for finding in found] == [
        "alerts/life.py: the module's name",
        "alerts/life.py:1: ShownAlert",
        "alerts/life.py:2: ring",
    ]


def test_a_long_function_is_named_and_a_migrations_is_not(house: ModuleType) -> None:
    body = "def upgrade():\n" + "    x = 1\n" * 50
    short = "def upgrade():\n" + "    x = 1\n" * 49
    trees = _trees(app__a=body, alerts__store__migrations__versions__v1=body)
    assert list(house.long_functions(trees)) == ["app/a.py:1: upgrade has 51 lines, at most 50"]
    assert not list(house.long_functions(_trees(app__a=short)))


def test_a_circle_of_the_screens_is_found_and_what_is_loaded_later_makes_none(
    house: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sources = {
        "a.ts": "import type { B } from './b/Part.svelte';",
        "b/Part.svelte": "<script lang='ts'>\n  import { c } from '../c';\n</script>",
        "c.ts": "export * from './a';",
        "c.test.ts": "import './c';",
        "lazy.ts": "import { c } from './c';\nconst later = () => import('./lazy');",
    }
    paths = [Path("app/web/src") / name for name in sources]
    for path, text in zip(paths, sources.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert list(house.circles(house.screens_imports(paths))) == [
        "import circle: app/web/src/a.ts, app/web/src/b/Part.svelte, app/web/src/c.ts"
    ]


def test_a_module_named_for_a_feature_outside_its_rooms_is_named(house: ModuleType) -> None:
    table = {
        "shared": {"alerts": ["store"]},
        "features": {"drills": {"words": ["drill"], "also": ["app/cli/drill.py"]}},
        "elsewhere": {"app/messages": "one a feature"},
    }
    right = ["alerts/drills/drill_store.py", "app/cli/drill.py", "app/messages/drills.py"]
    right += ["alerts/store/drilling.py", "app/web/src/drills/DrillForm.svelte"]
    assert list(house.strangers([Path(path) for path in right], table)) == []
    wrong = [*right, "app/cli/drill_words.py", "app/web/src/desk/DrillForm.svelte"]
    assert list(house.strangers([Path(path) for path in wrong], table)) == [
        "app/cli/drill_words.py: named for drills, outside its rooms",
        "app/web/src/desk/DrillForm.svelte: named for drills, outside its rooms",
    ]


def test_a_folder_that_is_no_feature_and_a_stale_line_of_the_table_are_named(
    house: ModuleType,
) -> None:
    table = {
        "shared": {"alerts": ["store"]},
        "features": {"drills": {"words": ["drill"], "also": ["app/cli/drill.py"]}},
        "elsewhere": {},
    }
    assert list(house.strangers([Path("alerts/store/a.py"), Path("alerts/odd/b.py")], table)) == [
        "alerts/odd/: no feature and not shared, see features.toml",
        "features.toml: app/cli/drill.py is nowhere",
    ]


def test_a_retired_word_in_an_identifier_is_named(house: ModuleType) -> None:
    trees = _trees(alerts__a="def tell(told): ...\nis_told_at = 1\nself.kept_s = told_at = 2")
    table = {"remaining": 0, "words": ["told", "kept"], "allowed": {"told_at": "a column"}}
    assert [found.split(" has ")[0] for found in house.retired_words(trees, table)] == [
        "alerts/a.py: is_told_at",
        "alerts/a.py: kept_s",
        "alerts/a.py: told",
    ]
    assert list(house.retired_words(trees, {**table, "remaining": 3})) == []
    assert list(house.retired_words(trees, {**table, "remaining": 4})) == [
        "retired_words.toml: 3 names remain, write that"
    ]
    many = {**table, "words": [], "allowed": {f"name_{n}": "why" for n in range(21)}}
    assert list(house.retired_words(trees, many)) == [
        "retired_words.toml: 21 names are allowed, at most 20"
    ]


def _unused(house: ModuleType, **sources: str) -> list[str]:
    trees = {house.module_name(path): tree for path, tree in _trees(**sources).items()}
    return [finding.partition(" is used")[0] for finding in house.unused_names(trees)]


def test_a_name_without_a_use_in_the_product_is_named(house: ModuleType) -> None:
    defined = "MOST = 1\n_LEAST, _FEW = 2, 3\nclass Box: ...\ndef read() -> None: ..."
    assert _unused(house, app__a=defined) == [
        f"thapcanh.app.a: {name}" for name in ("MOST", "_LEAST", "_FEW", "Box", "read")
    ]
    same_name_elsewhere = "MOST = 2\nprint(MOST)"
    assert _unused(house, app__a="MOST = 1", app__b=same_name_elsewhere) == ["thapcanh.app.a: MOST"]


@pytest.mark.parametrize(
    "other",
    [
        "from thapcanh.app.a import MOST",
        "def late() -> int:\n    from thapcanh.app import a\n    return a.MOST\nlate()",
        "import thapcanh.app.a as other\nprint(other.MOST)",
    ],
)
def test_an_import_or_an_attribute_of_its_module_is_a_use(house: ModuleType, other: str) -> None:
    assert _unused(house, app__a="MOST = 1", app__b=other) == []
    assert _unused(house, app__c="MOST = 1", app__b=other) == ["thapcanh.app.c: MOST"]


@pytest.mark.parametrize(
    "source",
    [
        "MOST = 1\nprint(MOST)",
        "class Box: ...\nprint(lambda: None)\nkinds: 'dict[str, Box]' = {}\nprint(kinds)",
        "__all__ = ['MOST']\nMOST = 1",
        "@route\ndef answer() -> None: ...",
        "RULE = 1",
    ],
)
def test_own_uses_quoted_ones_decorated_and_registered_names_pass(
    house: ModuleType, source: str
) -> None:
    assert _unused(house, app__a=source) == []
    assert _unused(house, alerts__store__migrations__versions__v1="revision = '1'") == []
