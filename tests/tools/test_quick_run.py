"""A short run takes the quickest files, and a run that records says what each file took."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.patience import patient
from tests.quick_run import quickest

ROOT = Path(__file__).parents[2]


def test_the_quickest_files_are_run_and_what_is_new() -> None:
    recorded = {"slow": (50.0, 5), "quick": (6.0, 60), "one": (3.0, 1)}
    assert quickest(recorded, ("slow", "quick", "one", "new"), 10.0) == {"quick", "one", "new"}
    assert quickest(recorded, ("slow", "quick", "one"), 8.0) == {"quick"}
    assert quickest(recorded, ("slow",), 8.0) == frozenset()


def test_a_run_records_its_files_and_the_next_leaves_out_what_is_slow(tmp_path: Path) -> None:
    for name, seconds in (("quick", 0.0), ("slow", 0.6)):
        text = f"import time\n\ndef test_{name}() -> None:\n    time.sleep({seconds})\n"
        (tmp_path / f"test_{name}.py").write_text(text)
    plugin = tmp_path / "tests_of" / "quick_run.py"
    plugin.parent.mkdir()
    plugin.write_text((ROOT / "tests/quick_run.py").read_text())
    printed = _run(tmp_path, "-n", "2", "--dist", "loadfile", "--record-durations")
    assert "2 passed" in printed
    recorded = json.loads((plugin.parent / "durations.json").read_text())
    assert recorded.keys() == {"test_quick.py", "test_slow.py"}
    assert recorded["test_slow.py"][0] >= 0.6
    assert recorded["test_slow.py"][1] == 1
    (plugin.parent / "durations.json").write_text(
        json.dumps({"test_quick.py": [0.1, 1], "test_slow.py": [600.0, 1]})
    )
    assert "1 passed, 1 deselected" in _run(tmp_path, "--within", "5")


def _run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "xdist.plugin", "-p", "tests_of.quick_run"]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=patient(60),
        check=False,
    )
    return done.stdout + done.stderr
