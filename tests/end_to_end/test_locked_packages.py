"""A site on the very packages of the images: `make locked-test` installs them and runs this.

What `pip` finds for the tests is older or newer than the lock, and a library that opened no
camera any more was in the images unnoticed.
"""

import json
import os
import re
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.end_to_end.running_site import eventually, start_site
from tests.running_simulator import running_simulator
from tests.source_trees import ROOT

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.skipif("LOCKED_PYTHON" not in os.environ, reason="run: make locked-test"),
]
_INSTALLED = """
import json
from importlib.metadata import distributions
print(json.dumps({one.name: one.version for one in distributions()}))
"""
_BESIDE = {"pip", "thapcanh", "ultralytics"}  # the last is its stand-in
_LEFT_OUT = {"torch", "torchvision", "polars"}


@pytest.fixture(scope="module")
def python() -> Path:
    return Path(os.environ["LOCKED_PYTHON"]).absolute()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_each_installed_package_is_the_locked_one(python: Path) -> None:
    done = subprocess.run([python, "-c", _INSTALLED], capture_output=True, text=True, check=True)
    installed = {_normal(name): version for name, version in json.loads(done.stdout).items()}
    lock = (ROOT / "deploy" / "requirements.lock").read_text(encoding="utf-8")
    locked = dict(re.findall(r"(?m)^(\S+)==(\S+) ", lock))
    beside = {name: installed.pop(name, None) for name in _BESIDE}
    assert beside["ultralytics"] == "8.4+left.out"
    assert {name: one for name, one in installed.items() if locked.get(name) != one} == {}
    assert not _LEFT_OUT & installed.keys()
    assert "av" in installed


def test_a_film_and_a_camera_raise_alerts_on_the_locked_packages(
    python: Path, tmp_path: Path, clips: dict[str, Path]
) -> None:
    with running_simulator([f"gate={clips['fire']}"]) as cameras:
        sources = {"film": str(clips["fire"]), "gate": f"rtsp://127.0.0.1:{cameras.port}/gate"}
        with start_site(tmp_path, sources, python=python) as site, site.desk() as desk:
            for camera in sources:
                (alert, *_) = eventually(
                    partial(desk.alerts, camera=camera), 120.0, f"alert of {camera}"
                )
                assert alert["kind"] in ("fire", "smoke")
