"""A package of somebody else's that brings a detector, as pip would have installed it."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from thapcanh.detection.detectors import registry


@contextmanager
def installed_detector(
    folder: Path, monkeypatch: pytest.MonkeyPatch, source: str, entry_point: str
) -> Iterator[None]:
    """Put the module and its entry point, as `pyproject.toml` has it, where Python finds them."""
    named = re.search(r'^\[project\.entry-points\."(.*)"\]\n(.*) = "(.*)"', entry_point)
    assert named is not None
    group, name, value = named.groups()
    module = value.partition(":")[0]
    (folder / f"{module}.py").write_text(source, encoding="utf-8")
    facts = folder / f"{module}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[{group}]\n{name} = {value}\n")
    monkeypatch.syspath_prepend(folder)
    registry.detector_kinds.cache_clear()
    yield
    registry.detector_kinds.cache_clear()
    sys.modules.pop(module, None)
