"""A thread that its owner starts and stops: once, from any state, never waiting out a rest."""

import queue
import threading
import time
from collections.abc import Callable

import pytest

from tests.patience import PATIENCE_S
from thapcanh.ingest.stoppable_thread import StoppableThread

WaitFor = Callable[..., None]
LONG_S = 10 * PATIENCE_S


def test_starting_twice_runs_once_and_stopping_twice_is_fine() -> None:
    runs = list[int]()
    thread = StoppableThread(lambda: runs.append(1), "once")
    thread.start()
    thread.start()
    assert thread.stop()
    assert thread.stop()
    thread.start()
    assert runs == [1], "what has ended does not begin again"


def test_what_was_never_started_stops() -> None:
    thread = StoppableThread(lambda: None, "never")
    assert thread.stop()
    assert not thread.was_started


@pytest.mark.parametrize("waits", [StoppableThread.pause, StoppableThread.rest])
def test_the_end_interrupts_a_pause_and_a_rest(
    waits: Callable[[StoppableThread, float], object],
) -> None:
    entered = threading.Event()

    def run() -> None:
        entered.set()
        waits(thread, LONG_S)

    thread = StoppableThread(run, "waits")
    thread.start()
    assert entered.wait(PATIENCE_S)
    assert thread.stop(5)


def test_a_wake_before_the_rest_is_not_missed_and_does_not_end_a_pause(wait_for: WaitFor) -> None:
    rounds = list[int]()

    def run() -> None:
        while not thread.is_stopping:
            thread.clear_wakes()
            rounds.append(len(rounds))
            if len(rounds) == 1:
                thread.wake()  # work that comes while it works
            thread.rest(LONG_S)
        thread.pause(0)

    thread = StoppableThread(run, "rounds")
    thread.start()
    wait_for(lambda: len(rounds) == 2, 5)
    assert thread.is_alive
    assert thread.stop(5)
    paused = StoppableThread(lambda: None, "paused")
    paused.wake()
    assert not paused.pause(0), "a wake is no end"


def test_who_brings_the_work_may_own_the_wake() -> None:
    arrived, woken = threading.Event(), threading.Event()

    def run() -> None:
        thread.rest(LONG_S)
        woken.set()

    thread = StoppableThread(run, "mailbox", wake=arrived)
    thread.start()
    arrived.set()
    assert woken.wait(PATIENCE_S)
    assert thread.stop(5)


def test_what_it_waits_for_elsewhere_is_interrupted_once() -> None:
    waited_for, asked = queue.SimpleQueue[int](), list[int]()

    def interrupt() -> None:
        asked.append(1)
        waited_for.put(0)

    thread = StoppableThread(waited_for.get, "queue", interrupt=interrupt)
    thread.start()
    thread.request_stop()
    assert thread.stop(5)
    assert asked == [1]


def test_a_thread_that_stops_itself_does_not_wait_for_itself() -> None:
    stopped = list[bool]()
    thread = StoppableThread(lambda: stopped.append(thread.stop(LONG_S)), "itself")
    began = time.monotonic()
    thread.start()
    assert thread.stop(LONG_S)
    assert stopped == [False]
    assert time.monotonic() - began < PATIENCE_S


def test_a_thread_that_hangs_is_told_and_not_waited_for() -> None:
    release = threading.Event()

    def run() -> None:
        release.wait(LONG_S)

    thread = StoppableThread(run, "hangs")
    thread.start()
    began = time.monotonic()
    assert not thread.stop(0.05)
    assert time.monotonic() - began < PATIENCE_S
    release.set()
    assert thread.stop(5)
