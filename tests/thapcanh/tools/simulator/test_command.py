"""`thapcanh simulate` as a process: what it prints, what it serves, how it ends."""

import io
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import MakeFilm
from tests.ingest.raw_rtsp import RawClient
from tests.patience import PATIENCE_S
from thapcanh.tools.simulator.command import SimulateOptions, run_simulator

ROOT = Path(__file__).parents[4]
PROGRAM = """
import sys
from pathlib import Path
from thapcanh.tools.simulator.command import SimulateOptions, run_simulator
from tests.patience import PATIENCE_S
sys.exit(run_simulator(SimulateOptions(
    files=sys.argv[2:], port=0, user="cam:s3cret", cache_dir=Path(sys.argv[1]))))
"""


@contextmanager
def simulate(*words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        yield process
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


def until_ready(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        if line == "ready\n":
            return lines
        lines.append(line.rstrip())
    pytest.fail(f"ended before it was ready: {lines}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_names_its_cameras_serves_them_and_ends_on_a_signal(
    film: MakeFilm, tmp_path: Path, number: signal.Signals
) -> None:
    with simulate(str(tmp_path), f"front={film('plain.mp4')}", str(film("plain.mp4"))) as process:
        urls = until_ready(process)
        assert sorted(url.rpartition("/")[2] for url in urls) == ["front", "plain"]
        port = int(urls[0].split(":")[2].partition("/")[0])
        with RawClient(port) as client:
            assert client.ask("DESCRIBE", "front").status == 401
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "s3cret" not in "".join([*urls, out, err])
    assert err == ""


def test_a_broken_file_is_named_and_the_others_are_served(film: MakeFilm, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    with simulate(str(tmp_path), str(broken), f"front={film('plain.mp4')}") as process:
        urls = until_ready(process)
        assert [url.rpartition("/")[2] for url in urls] == ["front"]
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    (line,) = err.splitlines()
    assert line.startswith(f"error: {broken}: cannot be read as video (")


def test_a_re_encoded_file_is_said_to_be(film: MakeFilm, tmp_path: Path) -> None:
    with simulate(str(tmp_path), f"front={film('old.avi', codec='mpeg4')}") as process:
        until_ready(process)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert err == "front: re-encoded as a camera sends it (codec mpeg4)\n"


def test_a_signal_while_files_are_made_ready_ends_it_too(tmp_path: Path, film: MakeFilm) -> None:
    long = film("long.mp4", frames=3000, keyframe_every=300)
    with simulate(str(tmp_path), f"quick={film('plain.mp4')}", f"long={long}") as process:
        assert process.stdout is not None
        assert process.stdout.readline().endswith("/quick\n")
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "ready" not in out


def run(**options: object) -> tuple[int, str]:
    err = io.StringIO()
    code = run_simulator(SimulateOptions(**options), out=io.StringIO(), err=err)  # type: ignore[arg-type]
    return code, err.getvalue()


def test_nothing_to_serve_is_an_error(tmp_path: Path) -> None:
    code, err = run(files=[str(tmp_path / "missing.mp4")], port=0)
    assert code == 1
    (line,) = err.splitlines()
    assert "missing.mp4: cannot be read as video (No such file or directory)" in line


def test_a_taken_port_is_one_clear_line(film: MakeFilm) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, err = run(files=[str(film("plain.mp4"))], port=port)
    assert code == 1
    (line,) = err.splitlines()
    assert line.startswith(f"error: cannot listen on 127.0.0.1:{port}: ")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"files": []}, "no video was named"),
        ({"files": ["a.mp4"], "user": "nobody"}, "--user expects USER:PASSWORD"),
        ({"files": ["a=1.mp4", "a=2.mp4"]}, "two cameras are called 'a'"),
        ({"files": ["a.mp4"], "port": 99_999}, "cannot listen on 127.0.0.1:99999"),
    ],
)
def test_what_was_typed_wrong_is_said(options: dict[str, object], said: str) -> None:
    code, err = run(**options)
    assert code == 1
    assert said in err
    assert len(err.splitlines()) == 1
