"""The control port over a real socket: one answer a line, and junk harms nobody."""

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper

import pytest

from tests.conftest import MakeFilm
from tests.ingest.raw_rtsp import RawClient
from tests.patience import PATIENCE_S
from tests.running_simulator import RunningSimulator, running_simulator


@pytest.fixture
def sim(film: MakeFilm) -> Iterator[RunningSimulator]:
    with running_simulator([f"front={film('plain.mp4')}"], control=True) as running:
        yield running


@contextmanager
def control(sim: RunningSimulator) -> Iterator[TextIOWrapper]:
    assert sim.control_port is not None
    with (
        socket.create_connection(("127.0.0.1", sim.control_port), timeout=PATIENCE_S) as own,
        own.makefile("rw", newline="\n", encoding="utf-8", errors="surrogateescape") as lines,
    ):
        assert isinstance(lines, TextIOWrapper)
        yield lines


def ask(lines: TextIOWrapper, order: str) -> str:
    lines.write(f"{order}\n")
    lines.flush()
    return lines.readline().rstrip("\n")


def test_orders_are_obeyed_and_answered(sim: RunningSimulator) -> None:
    with control(sim) as lines:
        assert ask(lines, "status") == "ok front=well"
        assert ask(lines, "stall front 30") == "ok front stalled 320x240"
        assert ask(lines, "status") == "ok front=stalled"
        assert ask(lines, "on front") == "ok front well 320x240"
        assert ask(lines, "off front") == "ok front off 320x240"
        with RawClient(sim.port) as client:
            assert client.ask("DESCRIBE", "front").status == 404


def test_a_wrong_order_is_answered_and_the_next_one_works(sim: RunningSimulator) -> None:
    with control(sim) as lines:
        assert ask(lines, "stall nowhere 5").startswith("error unknown-camera: 'nowhere'")
        assert ask(lines, "stall front tomorrow").startswith("error bad-seconds:")
        assert ask(lines, "\nstatus front").startswith("ok front condition=well")


@pytest.mark.parametrize("junk", ["x" * 5000, "x" * 70_000, "\udcff\udcfe"])
def test_junk_is_named_and_ends_the_connection(sim: RunningSimulator, junk: str) -> None:
    with control(sim) as lines:
        assert ask(lines, junk).startswith("error bad-line: ")
        with contextlib.suppress(ConnectionResetError):  # what it had not read yet is lost
            assert lines.readline() == ""
    with control(sim) as lines:
        assert ask(lines, "status") == "ok front=well"


def test_a_client_may_leave_in_the_middle_of_a_line(sim: RunningSimulator) -> None:
    with control(sim) as lines:
        lines.write("stall front 30")
        lines.flush()
    with control(sim) as lines:
        assert ask(lines, "status") == "ok front=well"
