"""The centre's threads: what may hang beside what must go on."""

import threading
from contextlib import ExitStack

import pytest

from tests.conftest import WaitFor
from thapcanh.app.centre import periodic_tasks
from thapcanh.app.centre.periodic_tasks import runners
from thapcanh.app.process.by_clock import BuiltFeature, CentreRound, RoundThread


def test_a_recording_disk_that_hangs_holds_up_no_lease_and_a_standby_reads_its_configuration(
    monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(periodic_tasks, "TICK_S", 0.01)
    hangs, go_on, leads, ran = threading.Event(), threading.Event(), [False], list[str]()

    def areas() -> None:
        hangs.set()
        go_on.wait()

    def noted(name: str, *, everywhere: bool = False) -> CentreRound:
        return CentreRound(
            name=name, every_s=0.0, run=lambda: ran.append(name), everywhere=everywhere
        )

    area = CentreRound(name="areas", every_s=0.0, run=areas, thread=RoundThread.REGISTRY)
    features = [
        BuiltFeature(rounds=(noted("configuration", everywhere=True),)),
        BuiltFeature(rounds=(area,)),
        BuiltFeature(rounds=(noted("leases"),)),
    ]
    with ExitStack() as stack:
        for one in runners(features, lambda: leads[0]):
            stack.callback(one.stop)
            one.start()
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
    every = [
        CentreRound(name=one, every_s=1.0, run=lambda: None, thread=one) for one in RoundThread
    ]
    made = runners([BuiltFeature(rounds=tuple(every))], lambda: True)
    tasks = [[task.name for task in one._tasks] for one in made]
    assert tasks == [*([one] for one in RoundThread), []]
