"""The centre's threads: what may hang beside what must go on."""

import threading
from contextlib import ExitStack

import pytest

from app.centre.several import rounds as rounds_module
from app.centre.several.rounds import CentreRounds, runners
from tests.conftest import WaitFor


def test_a_recording_disk_that_hangs_holds_up_no_lease(
    monkeypatch: pytest.MonkeyPatch, wait_for: WaitFor
) -> None:
    monkeypatch.setattr(rounds_module, "AREAS_EVERY_S", 0.0)
    hangs, go_on, leases = threading.Event(), threading.Event(), list[int]()

    def areas() -> None:
        hangs.set()
        go_on.wait()

    def leased() -> None:
        if hangs.is_set():
            leases.append(1)

    names = CentreRounds.__dataclass_fields__
    idle = dict.fromkeys(names, lambda: None)
    made = runners(CentreRounds(**{**idle, "areas": areas, "leases": leased}), lambda: True)
    with ExitStack() as stack:
        for one in made:
            stack.callback(one.stop)
            one.start()
        stack.callback(go_on.set)
        wait_for(lambda: len(leases) >= 2, 60.0, "leases are looked at while a disk hangs")
