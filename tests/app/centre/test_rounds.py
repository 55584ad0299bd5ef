"""The centre's threads: what may hang beside what must go on."""

import threading
from contextlib import ExitStack

import pytest

from tests.conftest import WaitFor
from thapcanh.app.centre import periodic_tasks
from thapcanh.app.centre.periodic_tasks import PeriodicRunner, PeriodicTask, at_work, runners
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask, TaskThread


def test_a_recording_disk_that_hangs_holds_up_no_lease_and_a_standby_reads_its_configuration(
    monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(periodic_tasks, "TICK_S", 0.01)
    hangs, go_on, leads, ran = threading.Event(), threading.Event(), [False], list[str]()

    def areas() -> None:
        hangs.set()
        go_on.wait()

    def noted(name: str, *, everywhere: bool = False) -> CentreTask:
        return CentreTask(
            name=name, every_s=0.0, run=lambda: ran.append(name), everywhere=everywhere
        )

    area = CentreTask(name="areas", every_s=0.0, run=areas, thread=TaskThread.REGISTRY)
    features = [
        BuiltFeature(rounds=(noted("configuration", everywhere=True),)),
        BuiltFeature(rounds=(area,)),
        BuiltFeature(rounds=(noted("leases"),)),
    ]
    with ExitStack() as stack:
        stack.enter_context(at_work(runners(features, lambda: leads[0])))
        stack.callback(go_on.set)
        wait_for(lambda: len(ran) >= 3, 20.0, "a standby reads its configuration")
        assert set(ran) == {"configuration"}
        assert not hangs.is_set()
        leads[0] = True
        wait_for(hangs.is_set, 20.0, "the leader looks at areas")
        before = ran.count("leases")
        wait_for(
            lambda: ran.count("leases") >= before + 2,
            20.0,
            "leases are looked at while a disk hangs",
        )


def test_each_thread_does_the_rounds_that_name_it() -> None:
    every = [CentreTask(name=one, every_s=1.0, run=lambda: None, thread=one) for one in TaskThread]
    made = runners([BuiltFeature(rounds=tuple(every))], lambda: True)
    tasks = [[task.name for task in one._tasks] for one in made]
    assert tasks == [*([one] for one in TaskThread), []]


def test_a_centre_waited_for_each_of_its_threads_in_turn_and_was_killed_at_its_end(
    monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor, caplog: pytest.LogCaptureFixture
) -> None:
    """One waits for the archive that another writes: that one was asked to end after it only."""
    monkeypatch.setattr(periodic_tasks, "TICK_S", 0.01)
    other, pause, waits = PeriodicRunner((), "other"), threading.Event(), threading.Event()

    def wait() -> None:
        waits.set()
        while other._thread.is_alive:
            pause.wait(0.01)

    waiter = PeriodicRunner((PeriodicTask(name="wait", every_s=0.0, run=wait),), "waiter")
    with at_work([waiter, other]):
        wait_for(waits.is_set, 20.0, "it waits for the other")
    assert not waiter._thread.is_alive
    assert caplog.records == []


def test_a_thread_that_does_not_end_is_named_and_left(
    monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(periodic_tasks, "TICK_S", 0.01)
    monkeypatch.setattr(periodic_tasks, "STOP_WITHIN_S", 0.1)
    hangs, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        hangs.set()
        go_on.wait()

    task = PeriodicTask(name="hang", every_s=0.0, run=hang)
    with at_work([PeriodicRunner((task,), "areas")]):
        wait_for(hangs.is_set, 20.0, "it hangs")
    assert "areas is at work still" in caplog.text
    go_on.set()
