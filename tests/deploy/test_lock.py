"""The image's packages are locked with hashes, and the lock is one of what the project asks for."""

import importlib.util
import re
from importlib.metadata import requires
from pathlib import Path
from types import ModuleType

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKED = re.compile(r"([a-z0-9-]+)==(\S+) --hash=sha256:[0-9a-f]{64}")


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lock", ROOT / "tools" / "lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def locked() -> dict[str, Version]:
    found = {}
    for line in (ROOT / "deploy" / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            matched = LOCKED.fullmatch(line)
            assert matched is not None, f"not a locked package: {line}"
            found[matched[1]] = Version(matched[2])
    return found


def test_the_lock_satisfies_what_the_project_asks_for(tool: ModuleType) -> None:
    image = {**default_environment(), "python_version": tool.PYTHON}
    known, wrong = locked(), []
    for text in tool.requirements():
        asked = Requirement(text)
        if asked.marker is not None and not asked.marker.evaluate(image):
            continue
        version = known.get(canonicalize_name(asked.name))
        if version is None or not asked.specifier.contains(version, prereleases=True):
            wrong.append(f"{text}: the lock has {version}; run tools/lock.py")
    assert wrong == []
    assert len(known) > 60
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
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r deploy/requirements.lock" in text
    assert f"python:{tool.PYTHON}-" in text
    extras = ",".join(tool.EXTRAS)
    assert f"'thapcanh[{extras}]'" in text
    for line in re.findall(r"pip wheel .*", text):
        assert "--no-deps" in line or "$TORCH_OPTIONS" in line, "an unlocked package could come"
    assert "ARG TORCH_OPTIONS=--no-deps\n" in text
    assert "\nARG PYTHON\nFROM ${PYTHON} AS build\n" in text, "a tag leads elsewhere tomorrow"
    assert 'case "$PYTHON" in *@sha256:*)' in text
    assert len(re.findall(r"(?m)^FROM \$\{PYTHON\}", text)) == 2
