"""The built wheel, installed outside the tree, in a folder with modules named like the rooms.

Beside it is only what it depends on, with `deploy/without-torch` in the place of Ultralytics.
"""

import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.end_to_end.running_site import eventually, start_site
from tests.source_trees import ROOMS, ROOT

pytestmark = pytest.mark.end_to_end

_LEFT_OUT = shutil.ignore_patterns(
    ".*", "node_modules", "__pycache__", "tests", "benchmarks", "docs*", "mkdocs.yml", "data"
)
_FOREIGN = 'raise RuntimeError("this module belongs to another project")\n'
_LEFT_OUT_WITH_TORCH = ("networkx", "polars", "sympy", "torch", "torchvision", "ultralytics")
_OUTSIDE = ("..", "__pycache__")
_HEAVY = ("alembic", "openvino", "sqlalchemy", "torch", "ultralytics")
_EACH_NAME = """
import importlib, json, sys
import thapcanh
names = []
for part in ("", ".detectors", ".rules", ".targets"):
    module = importlib.import_module("thapcanh" + part)
    names += [f"{module.__name__}.{name}" for name in module.__all__ if getattr(module, name)]
print(json.dumps([thapcanh.__file__, names, sorted(sys.modules)]))
"""
_AT_EXIT = """
import atexit, json, os, sys

def write():
    files = {name: getattr(module, "__file__", None) for name, module in [*sys.modules.items()]}
    path = os.path.join(FOLDER, f"{os.getpid()}.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump([getattr(sys, "orig_argv", []), files], out)

atexit.register(write)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the wheel, the stand-in, and links to what else the wheel depends on.

    Each process of it writes at its end which modules it has loaded, to `modules` beside it.
    """
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "tree", symlinks=True, ignore=_LEFT_OUT)
    (folder / "tree" / "app" / "web_dist" / "index.html").touch()  # as newly built: no npm here
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    for project in (folder / "tree", folder / "tree" / "deploy" / "without-torch"):
        subprocess.run(build, cwd=project, check=True, capture_output=True)
    venv.create(folder / "env")
    found = folder / "env" / "bin" / "python"
    wheels = [str(path) for path in folder.glob("*.whl")]
    install = [sys.executable, "-m", "pip", "--python", str(found), "install", "--no-index"]
    subprocess.run([*install, "--no-deps", "-q", *wheels], check=True, capture_output=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "env")}))
    for path in _depended_on():
        (packages / path.name).symlink_to(path)
    (folder / "modules").mkdir()
    hook = f"FOLDER = {str(folder / 'modules')!r}\n{_AT_EXIT}"
    (packages / "sitecustomize.py").write_text(hook, encoding="utf-8")
    return found


def _depended_on() -> set[Path]:
    """What stands in `site-packages` of all that the project needs without Ultralytics."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting = [Requirement(one) for one in project["dependencies"]]
    found: set[Path] = set()
    reached: set[str] = {"ultralytics"}
    while waiting:
        requirement = waiting.pop()
        if (name := canonicalize_name(requirement.name)) in reached:
            continue
        reached.add(name)
        package = distribution(name)
        files = {file.parts[0] for file in package.files or () if file.parts[0] not in _OUTSIDE}
        found |= {Path(str(package.locate_file(file))) for file in files}
        extras = requirement.extras or {""}
        waiting += [
            needed
            for needed in map(Requirement, package.requires or ())
            if needed.marker is None
            or any(needed.marker.evaluate({"extra": extra}) for extra in extras)
        ]
    return found


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A project with modules and packages that are called like the rooms."""
    folder = tmp_path / "flask-project"
    for room in ("app", "detection"):
        (folder / room).mkdir(parents=True)
        (folder / room / "__init__.py").write_text(_FOREIGN, encoding="utf-8")
    for room in ("config", "alerts", "ingest"):
        (folder / f"{room}.py").write_text(_FOREIGN, encoding="utf-8")
    return folder


def test_every_promised_name_is_imported_beside_foreign_modules_and_without_heavy_libraries(
    python: Path, foreign: Path
) -> None:
    done = subprocess.run(
        [python, "-c", _EACH_NAME], cwd=foreign, capture_output=True, text=True, check=True
    )
    file, names, loaded = json.loads(done.stdout)
    assert Path(file).is_relative_to(python.parents[1])
    assert len(names) > 50
    assert [name for name in loaded if name in _HEAVY or name in ROOMS[:-1]] == []


def test_what_ultralytics_alone_brings_is_not_there(python: Path) -> None:
    code = "from importlib.util import find_spec\n"
    code += f"print([one for one in {_LEFT_OUT_WITH_TORCH} if find_spec(one)])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_site_of_the_wheel_raises_an_alert_beside_foreign_modules(
    python: Path, foreign: Path, clips: dict[str, Path]
) -> None:
    with (
        start_site(foreign, {"fire": str(clips["fire"])}, python=python) as site,
        site.desk() as desk,
    ):
        (alert, *_) = eventually(lambda: desk.alerts(camera="fire"), 60.0, "an alert")
        assert alert["kind"] in ("fire", "smoke")
    seen = [json.loads(path.read_bytes()) for path in (python.parents[2] / "modules").iterdir()]
    for role in ("run", "centre", "worker"):
        loaded = [files for command, files in seen if role in command]
        assert loaded, f"no process {role} ended by itself"
        for files in loaded:
            _assert_one_name_each(files)


def _assert_one_name_each(files: dict[str, str | None]) -> None:
    assert not set(files) & set(ROOMS[:-1])
    ours = [
        str(Path(file).resolve())
        for name, file in files.items()
        if file and name.startswith("thapcanh")
    ]
    assert len(ours) > 20
    assert len(ours) == len(set(ours))
