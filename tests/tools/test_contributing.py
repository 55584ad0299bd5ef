"""What CONTRIBUTING says to type runs, word for word."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ".venv/bin/python"
TYPED = re.findall(
    r"^    (\S+ -m pytest .*)$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE
)


def test_it_says_how_one_rooms_tests_are_run() -> None:
    assert len(TYPED) >= 2


@pytest.mark.parametrize("command", TYPED)
def test_the_tests_of_one_room_are_run_as_it_says(command: str) -> None:
    python, *words = shlex.split(command)
    assert python == PYTHON
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=kept, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d+ passed", done.stdout)
