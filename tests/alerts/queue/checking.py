"""What tests of the sender check share: a site with one camera, and a message that is checked."""

from typing import Any

from tests.alerts.queue.fake_events import FIRST_AT
from thapcanh.alerts.alert.event_rows import raised_by
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import Message, encode
from thapcanh.alerts.queue.sender_check import SenderCheck, SenderKnowledge
from thapcanh.alerts.queue.workers.worker_keys import WorkerKeys

NOW = FIRST_AT + 10.0


def check(keys: WorkerKeys | None = None, archive: Archive | None = None, **changes: Any) -> Any:
    known: dict[str, Any] = {
        "is_camera": lambda camera: camera == "gate",
        "labels": lambda: {"fire"},
        "raised_by": lambda events: raised_by(archive.database, events) if archive else {},
        "key_of": keys.find if keys else lambda _: None,
    }
    return SenderCheck(SenderKnowledge(**{**known, **changes}))


def checked(message: Message, judge: Any = None, fields: Any = None) -> Message:
    found: Message = (judge or check()).checked(fields or encode(message), message, NOW, NOW)
    return found
