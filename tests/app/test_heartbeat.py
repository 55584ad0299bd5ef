"""What a starting process leaves in the file of its sign of life, and when it changes."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.app.process.test_work_meter import SPINS
from tests.patience import PATIENCE_S, eventually
from thapcanh.app.process.heartbeat import ProcessStart, StartState, StartStep, read_start

HANGS = """
import sys, threading, time
from pathlib import Path
from thapcanh.app.process.heartbeat import ProcessStart

def spin():
    while True:
        pass

with ProcessStart(Path(sys.argv[1])).running():
    threading.Thread(target=spin, daemon=True).start()
    time.sleep(600)
"""


def test_a_start_is_read_from_its_first_second_until_it_serves(tmp_path: Path) -> None:
    path = tmp_path / "centre.beat"
    with ProcessStart(path).running() as start:
        first = read_start(path)
        assert first is not None
        assert (first.step, first.pid) == (StartStep.PROGRAM, os.getpid())
        start.begin(
            StartStep.UPGRADE, before="0010_evidence_gone", after="0028_token_maker",
            done=40, total=197,
        )  # fmt: skip
        found = read_start(path)
        assert found is not None
        assert found.words.en == "bringing the archive from 0010 to 0028, 40 of 197 parts"
        assert "từ bản 0010 lên bản 0028, phần 40/197" in found.words.vi
        assert found.started_at == first.started_at
        start.end()
        assert path.read_bytes() == b""
        start.begin(StartStep.SERVICES)
        assert path.read_bytes() == b"", "it serves"
    assert read_start(path) is None


def test_a_start_of_a_process_that_is_gone_is_none(tmp_path: Path) -> None:
    path = tmp_path / "centre.beat"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    path.write_text(StartState(pid=gone.pid).as_text(), encoding="utf-8")
    assert read_start(path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"step": "program", "later": 1}'])
def test_what_is_no_start_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "centre.beat").write_text(text, encoding="utf-8")
    assert read_start(tmp_path / "centre.beat") is None


def test_a_main_step_that_hangs_shows_no_sign_of_life_beside_a_busy_thread(tmp_path: Path) -> None:
    """For as long as the export of a model may take, a thread beat beside a step that hung."""
    path = tmp_path / "worker-0.beat"
    child = subprocess.Popen([sys.executable, "-c", HANGS, str(path)])
    try:
        assert eventually(path.exists)
        time.sleep(3.0)  # what it did until then is written by now, on a quiet machine
        changes = {path.stat().st_mtime_ns}
        for _ in range(10):
            with subprocess.Popen([sys.executable, "-c", SPINS]) as other:
                time.sleep(0.5)
                other.kill()
            changes.add(path.stat().st_mtime_ns)
        assert len(changes) <= 2, "it goes on beating"
    finally:
        child.kill()
        child.wait()


def test_a_step_that_works_shows_it_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "worker-0.beat"
    with ProcessStart(path).running() as start:
        first = path.stat().st_mtime_ns

        def is_written() -> bool:
            sum(range(1_000_000))
            return path.stat().st_mtime_ns != first

        assert threading.current_thread() is threading.main_thread()
        until = time.monotonic() + PATIENCE_S
        while not is_written():
            assert time.monotonic() < until, "it computes, and no sign of it is seen"
        assert start.silent_s() < PATIENCE_S
