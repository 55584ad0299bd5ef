"""The process that sends hangs at its start: it is killed, and another one is started later."""

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from tests.app.delivery.served import VOICE
from tests.patience import patient
from thapcanh.alerts.delivery.attempt import Attempt, AttemptOutcome
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.delivery.targets.apprise import AppriseSender, AppriseTarget, ChildStart
from thapcanh.alerts.store.outbox.outgoing import OutgoingEvent
from thapcanh.ingest.backoff import Backoff

EVENT = OutgoingEvent(
    type="thapcanh.alert.opened.v1", subject="alert/a", kind="fire", priority=1, version=1,
    at=1_795_582_800.0, data={"number": "CB-1", "state": "new", "place": "12 Hàng Bài"},
)  # fmt: skip
PEOPLE = AppriseTarget.model_validate(
    {
        "id": "people",
        "kind": "apprise",
        "url": "mailto://127.0.0.1:25?to=an@example.vn&from=tc@example.vn",
        "timeout_s": 60.0,
    }
)
_HANGS_ONCE = """
import json, pathlib, sys, time
marker = pathlib.Path(sys.argv[1])
if not marker.exists():
    marker.touch()
    time.sleep(3600)
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    print(json.dumps({"outcome": "delivered"}), flush=True)
"""


def test_a_child_that_hangs_at_its_start_is_killed_and_started_again_later(tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(_HANGS_ONCE, encoding="utf-8")
    start = ChildStart(
        command=(sys.executable, str(script), str(tmp_path / "hung")),
        within_s=3.0,
        backoff=Backoff(first_s=1.0, longest_s=1.0),
    )
    due = DueDelivery(id="0190-a", target="people", attempts=0, created_at=0.0, event=EVENT)

    async def tried_until_it_is_sent() -> list[Attempt]:
        sender = AppriseSender(PEOPLE, VOICE, start)
        try:
            with pytest.raises(TimeoutError):  # as a caller does whose deadline is over
                await asyncio.wait_for(sender.send(due), 0.01)
            told = [await sender.send(due)]
            assert _children(str(script)) == []
            told.append(await sender.send(due))  # at once: it is not hammered
            while told[-1].outcome is not AttemptOutcome.DELIVERED:
                await asyncio.sleep(0.05)
                told.append(await sender.send(due))
            return told
        finally:
            await sender.close()

    told = asyncio.run(asyncio.wait_for(tried_until_it_is_sent(), patient(60.0)))
    assert {one.error for one in told[:2]} == {"the process that sends did not start within 3 s"}
    assert _children(str(script)) == []


def _children(name: str) -> list[psutil.Process]:
    mine = psutil.Process().children(recursive=True)
    return [one for one in mine if name in one.cmdline()]
