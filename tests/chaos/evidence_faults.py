"""Events with pictures while the evidence store is frozen, full, or not mounted.

Real recorder, spool, publisher and queue; the store is a disk of its own (a file as a loop device).
Ends with how late the latest event reached the queue, and which files are missing after the store
was well again. Linux, and rights to mount; else `NotPermitted` with the reason.
"""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.alerts.queue.fake_events import fake_event
from tests.alerts.recording import FakeCamera, frame
from tests.chaos.failover import NotPermitted
from tests.chaos.server import Server
from tests.patience import patient
from thapcanh.alerts.evidence.cases.case_folder import verify_case
from thapcanh.alerts.evidence.recorder import EventRecorder, RecorderSettings
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.message import Message, decode
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.spool import Spool
from thapcanh.detection.event import Event

EVERY_S = 0.2
FAULT_S = 5.0
WITHIN_S = 30.0
LONGEST_FREEZE_S = 30.0  # whatever happens to the test: a frozen disk stops all who write there


@dataclass(slots=True, kw_only=True)
class EvidenceOutcome:
    """What became of events and of their files."""

    events: int = 0
    latest_s: float = 0.0  # from raising to the queue, of the event that came last
    lost: list[str] = field(default_factory=list)
    without_files: list[str] = field(default_factory=list)
    told_late: int = 0


@contextmanager
def frozen(disk: Path) -> Iterator[None]:
    """The file system answers nothing, not even a kill; thawed by a timer if nobody does."""
    timer = threading.Timer(LONGEST_FREEZE_S, lambda: _try("fsfreeze", "-u", str(disk)))
    timer.start()
    try:
        _do("fsfreeze", "-f", str(disk))
        yield
    finally:
        _try("fsfreeze", "-u", str(disk))
        timer.cancel()


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """No byte is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 65536):
                pass
        except OSError:
            pass
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def unmounted(disk: Path) -> Iterator[None]:
    """The share is gone, its folder is there."""
    source = _do("findmnt", "-n", "-o", "SOURCE", str(disk)).strip()
    _do_soon("umount", str(disk))
    try:
        yield
    finally:
        _do("mount", source, str(disk))


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """As a share turns when its server has trouble."""
    _do_soon("mount", "-o", "remount,ro", str(disk))
    try:
        yield
    finally:
        _do("mount", "-o", "remount,rw", str(disk))


FAULTS = {"frozen": frozen, "full": full, "unmounted": unmounted, "read_only": read_only}


def store_fails(folder: Path, kind: str) -> EvidenceOutcome:
    """Raise events before, during and after one fault of the store; then compare."""
    folder.mkdir(parents=True, exist_ok=True)
    with disk_of_its_own(folder) as disk, ExitStack() as stack:
        server = Server(folder / "queue")
        stack.callback(server.kill)
        server.wait_up()
        queue = EventQueue(f"redis://{server.address[0]}:{server.address[1]}/0")
        stack.callback(queue.close)
        spool = Spool(folder / "spool" / "worker-1.sqlite", "worker-1")
        stack.callback(spool.close)
        store = FolderStore(disk)
        settings = RecorderSettings(before_s=1.0, after_s=0.0)
        recorder = EventRecorder(store, spool, settings=settings)
        publisher = EventPublisher(spool, queue)
        publisher.start()
        stack.callback(publisher.stop)
        recorder.start()
        stack.callback(recorder.stop)
        raised = _raise_for(recorder, 1.0, 0)
        _wait(lambda: recorder.delivery().delivered > 0, "the store takes the first pictures")
        with FAULTS[kind](disk):
            raised |= _raise_for(recorder, FAULT_S, len(raised))
        raised |= _raise_for(recorder, 1.0, len(raised))
        _wait(lambda: _is_quiet(recorder), "all evidence is in the store")
        _wait(lambda: spool.depth().count == 0, "the queue has everything")
        return _judge(queue, store, raised, recorder.delivery().late)


@contextmanager
def disk_of_its_own(folder: Path) -> Iterator[Path]:
    """A small file system in a file, mounted."""
    image, place = folder / "disk.img", folder / "evidence"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(64 << 20)
    device = ""
    try:
        _do("mkfs.ext4", "-q", "-m", "0", str(image))
        device = _do("losetup", "--find", "--show", str(image)).strip()
        _do("mount", device, str(place))
    except NotPermitted:
        if device:
            _try("losetup", "-d", device)
        raise
    try:
        yield place
    finally:
        _try("umount", "-l", str(place))
        _try("losetup", "-d", device)


def _raise_for(recorder: EventRecorder, seconds: float, number: int) -> dict[str, Event]:
    """Raise events at a steady rate; by event id."""
    camera = FakeCamera()
    camera.play_to(9.0)
    raised: dict[str, Event] = {}
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < deadline:
        number += 1
        now = time.time()
        event = fake_event(
            id=f"message-{number}", event_id=f"event-{number}", at_s=8.0, captured_at=now,
            inferred_at=now,
        )  # fmt: skip
        recorder.accept(event, frame(), camera)
        raised[event.event_id] = event
        pause.wait(EVERY_S)
    return raised


def _is_quiet(recorder: EventRecorder) -> bool:
    stats = recorder.stats()
    return not (stats.waiting or stats.films_open or recorder.delivery().waiting)


def _judge(
    queue: EventQueue, store: FolderStore, raised: dict[str, Event], late: int
) -> EvidenceOutcome:
    outcome = EvidenceOutcome(events=len(raised), told_late=late)
    came: dict[str, list[tuple[float, Message]]] = {}
    for queued_at, message in _entries(queue):
        came.setdefault(message.event.event_id, []).append((queued_at, message))
    for event_id, event in raised.items():
        messages = came.get(event_id, [])
        at = [queued_at for queued_at, message in messages if not message.evidence_only]
        if not at:
            outcome.lost.append(event_id)
            continue
        outcome.latest_s = max(outcome.latest_s, at[0] - event.inferred_at)
        files = {ref.path for _, message in messages for ref in message.evidence}
        verdict = verify_case(store.path(store.folder_of(event)))
        if not verdict.ok or len(files) < 4 or verdict.files != len(files) - 1:
            outcome.without_files.append(event_id)
    return outcome


def _entries(queue: EventQueue) -> list[tuple[float, Message]]:
    with queue._named():
        rows: Any = queue._redis.xrange(redis_keys.EVENTS)
    return [
        (
            int(stream_id.split(b"-")[0]) / 1000,
            decode({name.decode(): value.decode() for name, value in fields.items()}),
        )
        for stream_id, fields in rows
    ]


def _wait(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + patient(WITHIN_S)
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {WITHIN_S:.0f} s: {what}")
        pause.wait(0.02)


def _do(*words: str) -> str:
    try:
        done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=20.0)
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", None) or error
        raise NotPermitted(f"{' '.join(words[:2])}: {str(detail).strip()}") from error
    return done.stdout


def _do_soon(*words: str) -> None:
    """Again while a file is open on the disk: nobody can wait for that moment."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        try:
            _do(*words)
        except NotPermitted:
            if time.monotonic() > deadline:
                raise
        else:
            return


def _try(*words: str) -> None:
    subprocess.run(words, check=False, capture_output=True, timeout=20.0)
