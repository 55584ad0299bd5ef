"""Who can write to the stream, and lies: what is not right changes nothing, and is named."""

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import redis

from tests.alerts.centre import Centre
from tests.alerts.queue.checking import NOW, check, checked
from tests.alerts.queue.fake_events import fake_message
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import Message, encode, entry_bytes
from thapcanh.alerts.queue.message_schema import MAX_ENTRY_BYTES
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.sender_check import AHEAD_S
from thapcanh.alerts.queue.spool import OutboxItem, Spool
from thapcanh.alerts.queue.workers.worker_keys import (
    SIGNATURE,
    SignedTransport,
    Signer,
    WorkerKeyError,
    WorkerKeys,
    check_signature,
    own_signer,
    write_key,
)
from thapcanh.alerts.store.errors import SequenceJumped, WireError
from thapcanh.app.worker.worker_key_command import acl_rules
from thapcanh.detection.event import EventPhase

if TYPE_CHECKING:
    from tests.alerts.conftest import QueueServer

Until = Callable[..., None]


def test_what_is_right_passes_unchanged() -> None:
    message = fake_message(1)
    assert checked(message) is message


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"camera_id": "nowhere"}, "no camera 'nowhere'"),
        ({"kind": "invasion"}, "no kind of event is called 'invasion'"),
        ({"label": "dragon"}, "nothing that is watched for is called 'dragon'"),
        ({"kind": "camera_offline", "camera_id": "nowhere"}, "does not speak for 'nowhere'"),
        ({"kind": "worker_lost", "camera_id": "worker-2"}, "does not speak for 'worker-2'"),
        ({"kind": "self_test", "camera_id": "worker-2"}, "does not speak for 'worker-2'"),
        ({"captured_at": 0.0}, "more than 30 days ago"),
    ],
)
def test_an_unknown_camera_kind_or_label_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(WireError, match=why):
        checked(fake_message(1, **wrong))


@pytest.mark.parametrize("source", ["centre", "drill", "signals"])
def test_nobody_is_the_centre_by_the_stream(source: str) -> None:
    with pytest.raises(WireError, match="is the centre itself"):
        checked(fake_message(1, source=source))


def test_a_camera_that_was_taken_out_can_still_be_cleared() -> None:
    message = fake_message(2, camera_id="gone", phase=EventPhase.CLEARED)
    assert checked(message) is message


def test_a_time_that_is_yet_to_come_is_brought_back_to_now() -> None:
    far = 30_000_000_000.0  # the year 2920
    lying = fake_message(1, captured_at=far, inferred_at=far)
    kept = checked(replace(lying, spooled_at=far))
    assert (kept.event.captured_at, kept.event.inferred_at, kept.spooled_at) == (NOW, NOW, NOW)
    ahead = fake_message(1, captured_at=NOW + AHEAD_S, inferred_at=NOW + 1)
    assert checked(ahead).event.captured_at == NOW + AHEAD_S


@pytest.mark.parametrize("phase", [EventPhase.CLEARED, EventPhase.UPDATED])
@pytest.mark.parametrize("evidence_only", [False, True])
def test_an_event_is_told_of_only_by_whom_it_was_raised(
    sqlite_archive: Archive, phase: EventPhase, evidence_only: bool
) -> None:
    sqlite_archive.take_in(fake_message(1), queued_at=NOW, now=NOW, camera=lambda _: None)
    lying = fake_message(1, source="worker-2", phase=phase, id="another")
    with pytest.raises(WireError, match="raised by 'worker-1', not by 'worker-2'"):
        checked(replace(lying, evidence_only=evidence_only), check(archive=sqlite_archive))
    assert checked(fake_message(2, phase=phase), check(archive=sqlite_archive))


def test_who_raised_an_event_a_moment_ago_is_known_before_it_is_stored() -> None:
    judge = check()
    checked(fake_message(1), judge)
    with pytest.raises(WireError, match="raised by 'worker-1'"):
        checked(fake_message(2, source="worker-2", phase=EventPhase.CLEARED), judge)


def test_an_alarm_of_10_to_the_17_missing_events_is_not_made(sqlite_archive: Archive) -> None:
    def take(message: Message) -> None:
        sqlite_archive.take_in(message, queued_at=NOW, now=NOW, camera=lambda _: None)

    take(fake_message(1))
    lying = fake_message(2, event_id="other")
    with pytest.raises(SequenceJumped):
        take(replace(lying, producer_seq=10**17))
    with pytest.raises(SequenceJumped):  # a new spool begins at 1
        take(replace(lying, producer_epoch=2, producer_seq=10**17))
    assert sqlite_archive.gaps(4e9) == []
    take(fake_message(2))


def test_what_a_worker_signs_is_believed_and_nothing_else_in_its_name(tmp_path: Path) -> None:
    keys = WorkerKeys(tmp_path / "keys")
    mine, other = Signer(keys.enrol("worker-1", 0.0)), Signer(keys.enrol("worker-2", 0.0))
    judge, message = check(keys), fake_message(1)
    entry = encode(message)
    signed = mine.signed(entry)
    assert checked(message, judge, signed) is message
    for forged in (
        entry,
        other.signed(entry),
        {**signed, "data": signed["data"].replace("0.8", "0.9")},
        {**signed, "extra": "x"},
        {**signed, SIGNATURE: "é"},
        {**signed, SIGNATURE: base64.b64encode(bytes(64)).decode()},
    ):
        with pytest.raises(WireError, match="sign"):
            checked(message, judge, forged)
    assert "worker-1" not in repr(mine)
    assert repr(mine) == "Signer()"


def test_what_was_sent_before_a_worker_was_enrolled_is_not_lost(tmp_path: Path) -> None:
    keys = WorkerKeys(tmp_path)
    keys.enrol("worker-1", NOW + 1.0)
    assert checked(fake_message(1), check(keys))


def test_only_enrolled_workers_count_where_the_site_says_so(tmp_path: Path) -> None:
    keys = WorkerKeys(tmp_path)
    assert checked(fake_message(1), check(keys))
    with pytest.raises(WireError, match="no worker 'worker-1' is enrolled"):
        checked(fake_message(1), check(keys, signed_only_since=lambda: 0.0))


def test_a_new_key_replaces_the_old_one_at_once(tmp_path: Path) -> None:
    keys = WorkerKeys(tmp_path)
    first = Signer(keys.enrol("worker-1", 0.0))
    entry = encode(fake_message(1))
    assert checked(fake_message(1), check(keys), first.signed(entry))
    keys.revoke("worker-1")
    assert not keys.revoke("worker-1")
    second = Signer(WorkerKeys(tmp_path).enrol("worker-1", 0.0))
    with pytest.raises(WireError):
        checked(fake_message(1), check(keys), first.signed(entry))
    assert checked(fake_message(1), check(keys), second.signed(entry))


def test_a_damaged_key_is_named_and_believes_nobody(tmp_path: Path) -> None:
    keys = WorkerKeys(tmp_path)
    for content in ("", "{}", '{"form": "x"}', '{"form": "thapcanh.worker-key.v1", "worker": 1}'):
        (tmp_path / "worker-1.json").write_text(content, encoding="utf-8")
        with pytest.raises(WireError, match="enrol it again"):
            checked(fake_message(1), check(WorkerKeys(tmp_path)))
    for name in ("../x", "", "A", "x" * 65):
        assert keys.find(name) is None
        with pytest.raises(WorkerKeyError):
            keys.enrol(name, 0.0)
    key = tmp_path / "worker.key"
    write_key(key, bytes(32))
    assert key.stat().st_mode & 0o777 == 0o600
    assert own_signer(key)
    key.write_text("nonsense!", encoding="ascii")
    with pytest.raises(WorkerKeyError, match="is not a worker's key"):
        own_signer(key)


def test_a_signed_entry_of_the_longest_event_fits(tmp_path: Path) -> None:
    long = fake_message(
        1, reason="ả" * 400, camera_id="c" * 64, rule_id="r" * 64, zone_id="z" * 64,
        label="l" * 64, model_name="m" * 64,
    )  # fmt: skip
    signed = Signer(WorkerKeys(tmp_path).enrol("worker-1", 0.0)).signed(encode(long))
    assert entry_bytes(signed) <= MAX_ENTRY_BYTES


def test_a_forged_entry_becomes_a_dead_letter_and_the_true_ones_are_stored(
    queue: EventQueue, sqlite_archive: Archive, until: Until, tmp_path: Path
) -> None:
    keys = WorkerKeys(tmp_path)
    outlet = SignedTransport(queue, Signer(keys.enrol("worker-1", 0.0)))
    outlet.add_all([encode(fake_message(1))])
    queue.add(encode(fake_message(2, phase=EventPhase.CLEARED)))  # in its name, and not signed
    queue.add(encode(fake_message(1, source="worker-2", phase=EventPhase.CLEARED, id="lie")))
    outlet.add_all([encode(fake_message(2))])
    judge = check(keys, sqlite_archive)
    with Centre(queue, sqlite_archive, check=judge) as centre:
        until(lambda: centre.detections() == 2)
        until(lambda: len(queue.dead()) == 2)
    (alert,) = sqlite_archive.alerts().items
    assert alert.condition == "active"
    reasons = [each.fields["dead_reason"] for each in queue.dead()]
    assert any("not signed" in reason for reason in reasons)
    assert any("raised by" in reason for reason in reasons)


def test_a_workers_own_user_sends_events_and_may_do_nothing_else(
    queue_server: "QueueServer", queue: EventQueue, tmp_path: Path, until: Until
) -> None:
    queue.ensure_group()
    admin: Any = redis.Redis.from_url(queue_server.url, protocol=2)
    admin.execute_command("ACL", "SETUSER", "worker-1", *acl_rules("worker-1", "word"))
    host = queue_server.url.removeprefix("redis://")
    own = EventQueue(f"redis://worker-1:word@{host}")
    spool = Spool(tmp_path / "spool.sqlite", "worker-1")
    spool.append_all([OutboxItem(event=fake_message(1).event)], NOW)
    publisher = EventPublisher(spool, own, finished_before=own.finished_before, check_every_s=0.05)
    publisher.start()
    until(lambda: queue.depth().length == 1)
    until(lambda: (publisher.stats().checked_at or 0) > 0)
    assert publisher.stats().last_error is None
    publisher.stop()
    own.report_worker("worker-1", {"cameras": []}, 5.0)
    assert own.phone_list.phones() == []
    own.remove_worker("worker-1")
    user: Any = redis.Redis.from_url(f"redis://worker-1:word@{host}", protocol=2)
    for forbidden in (
        ("XTRIM", "thapcanh:events:v1", "MAXLEN", "0"),
        ("DEL", "thapcanh:events:v1"),
        ("SET", "thapcanh:worker:worker-2", "x"),
        ("SET", "thapcanh:phones", "[]"),
        ("XGROUP", "DESTROY", "thapcanh:events:v1", "centre"),
        ("XADD", "thapcanh:events:dead", "*", "a", "b"),
        ("KEYS", "*"),
        ("CONFIG", "GET", "*"),
        ("ACL", "LIST"),
        ("FLUSHALL",),
    ):
        with pytest.raises(redis.exceptions.NoPermissionError):
            user.execute_command(*forbidden)
    for client in (admin, user):
        client.close()
    own.close()
    spool.close()


def test_a_public_key_checks_what_it_signed(tmp_path: Path) -> None:
    keys = WorkerKeys(tmp_path)
    signed = Signer(keys.enrol("worker-1", 0.0)).signed({"a": "1"})
    key = keys.find("worker-1")
    assert key is not None
    check_signature(signed, key)
    assert keys.names() == ["worker-1"]
