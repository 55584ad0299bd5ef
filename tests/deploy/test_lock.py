"""The image's packages are locked with hashes, and the lock is one of what the project asks for."""

import importlib.util
import os
import re
import subprocess
from collections.abc import Callable
from importlib.metadata import requires
from pathlib import Path
from types import ModuleType

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
LOCKED = re.compile(r"([a-z0-9-]+)==(\S+) --hash=sha256:[0-9a-f]{64}")


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lock", ROOT / "tools" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def locked(name: str = "requirements") -> dict[str, Version]:
    found = {}
    for line in (DEPLOY / f"{name}.lock").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            matched = LOCKED.fullmatch(line)
            assert matched is not None, f"not a locked package: {line}"
            found[matched[1]] = Version(matched[2])
    return found


@pytest.mark.parametrize("lock", ["requirements", "build"])
def test_the_lock_satisfies_what_the_project_asks_for(tool: ModuleType, lock: str) -> None:
    image = {**default_environment(), "python_version": tool.PYTHON}
    known, wrong = locked(lock), []
    for text in tool.requirements() if lock == "requirements" else tool.build_requirements():
        asked = Requirement(text)
        if asked.marker is not None and not asked.marker.evaluate(image):
            continue
        version = known.get(canonicalize_name(asked.name))
        if version is None or not asked.specifier.contains(version, prereleases=True):
            wrong.append(f"{text}: the lock has {version}; run tools/lock.py")
    assert wrong == []
    assert len(known) > (60 if lock == "requirements" else 20)
    assert not [name for name in known if tool.OF_PYTORCH.fullmatch(name)]


@pytest.mark.parametrize("name", ["torch", "torchvision"])
def test_what_pytorch_needs_beside_cuda_is_in_the_lock(tool: ModuleType, name: str) -> None:
    image, known = {**default_environment(), "python_version": tool.PYTHON, "extra": ""}, locked()
    for text in requires(name) or ():
        asked = Requirement(text)
        if tool.OF_PYTORCH.fullmatch(canonicalize_name(asked.name)) or (
            asked.marker is not None and not asked.marker.evaluate(image)
        ):
            continue
        assert asked.specifier.contains(known[canonicalize_name(asked.name)]), text


def test_the_image_is_made_of_the_lock(tool: ModuleType) -> None:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert "\nRUN deploy/image-packages python /wheels\n" in text
    assert f"python:{tool.PYTHON}-" in text
    extras = f"'thapcanh[{','.join(tool.EXTRAS)}]'"
    assert extras in text
    assert extras in (ROOT / "Makefile").read_text(encoding="utf-8"), "make locked-test"
    for line in re.findall(r"pip wheel .*", text):
        assert "--no-deps --no-build-isolation" in line, "an unlocked package could come"
    assert "\nARG PYTHON\nFROM ${PYTHON} AS build\n" in text, "a tag leads elsewhere tomorrow"
    assert 'case "$PYTHON" in *@sha256:*)' in text
    assert len(re.findall(r"(?m)^FROM \$\{PYTHON\}", text)) == 2


@pytest.fixture
def collect(tmp_path: Path) -> Callable[..., list[str]]:
    """Run `deploy/image-packages` with a pip that writes down how it was called."""

    def run(**variables: str) -> list[str]:
        python = tmp_path / "python"
        python.write_text(
            f"""#!/bin/sh
            echo "$@" >> {tmp_path}/calls
            for last; do true; done
            case "$last" in */lock) cp "$last" {tmp_path}/lock;; esac
            """
        )
        python.chmod(0o755)
        command = [str(DEPLOY / "image-packages"), str(python), "/wheels"]
        subprocess.run(command, env={**os.environ, **variables}, check=True)
        return (tmp_path / "calls").read_text().splitlines()

    return run


def test_the_image_held_pytorch_that_no_camera_on_its_processor_needs(
    tmp_path: Path, collect: Callable[..., list[str]]
) -> None:
    build, stand_in, rest = collect()
    assert re.search(r" install .*--require-hashes -r \S+/deploy/build\.lock$", build)
    assert stand_in.endswith("/deploy/without-torch")
    assert "--no-deps --no-build-isolation" in stand_in
    assert "--no-deps --require-hashes -r " in rest
    assert {one.partition("==")[0] for one in _lines(tmp_path / "lock")} == {
        name for name in locked() if not name.startswith("ultralytics")
    }


def test_pytorch_comes_into_the_image_where_it_is_wanted(
    tmp_path: Path, collect: Callable[..., list[str]]
) -> None:
    _, torch, rest = collect(WITHOUT_TORCH="0")
    assert "--no-deps --index-url https://download.pytorch.org/whl/cpu torch==" in torch
    assert "--require-hashes" in rest
    assert len(_lines(tmp_path / "lock")) == len(locked())


def test_the_choice_of_pytorch_is_1_or_0(collect: Callable[..., list[str]]) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        collect(WITHOUT_TORCH="yes")


def _lines(lock: Path) -> list[str]:
    return [one for one in lock.read_text(encoding="utf-8").splitlines() if one[0] != "#"]
