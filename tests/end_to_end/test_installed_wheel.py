"""The built wheel, installed outside the tree, in a folder with modules named like the rooms."""

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.end_to_end.running_site import eventually, start_site
from tests.source_trees import ROOMS, ROOT

pytestmark = pytest.mark.end_to_end

_LEFT_OUT = shutil.ignore_patterns(
    ".*", "node_modules", "__pycache__", "tests", "benchmarks", "docs*", "mkdocs.yml", "data"
)
_FOREIGN = 'raise RuntimeError("this module belongs to another project")\n'
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
    """An interpreter with the wheel; what it depends on comes from this environment.

    Each process of it writes at its end which modules it has loaded, to `modules` beside it.
    """
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "tree", symlinks=True, ignore=_LEFT_OUT)
    (folder / "tree" / "app" / "web_dist" / "index.html").touch()  # as newly built: no npm here
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=folder / "tree", check=True, capture_output=True)
    venv.create(folder / "env")
    found = folder / "env" / "bin" / "python"
    (wheel,) = folder.glob("*.whl")
    install = [sys.executable, "-m", "pip", "--python", str(found), "install", "--no-index"]
    subprocess.run([*install, "--no-deps", "-q", str(wheel)], check=True, capture_output=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "env")}))
    shared = [path for path in sys.path if Path(path).name == "site-packages"]
    (packages / "shared.pth").write_text("\n".join(shared), encoding="utf-8")
    (folder / "modules").mkdir()
    hook = f"FOLDER = {str(folder / 'modules')!r}\n{_AT_EXIT}"
    (packages / "sitecustomize.py").write_text(hook, encoding="utf-8")
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
