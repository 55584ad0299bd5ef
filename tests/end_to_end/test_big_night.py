"""A shorter big night: nothing is lost, nothing merged wrongly, one row a happening."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.big_night.drive import LIMITS

pytestmark = pytest.mark.end_to_end
SECONDS = "45"
TIMED = {"p1_to_screen_s", "p1_off_first_rows"}  # of a loaded machine these say nothing


def test_a_big_night_loses_nothing_and_keeps_each_happening_in_one_row(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.big_night.drive", SECONDS, "--pictures", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.stdout, ended.stderr[-4000:]
    figures = json.loads(ended.stdout.splitlines()[-1])
    limits = {name: most for name, most in LIMITS.items() if name not in TIMED}
    over = {name: figures[name] for name, most in limits.items() if figures[name] > most}
    assert over == {}, ended.stderr[-4000:]
