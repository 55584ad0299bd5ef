"""A message brings files of its own event alone; what it says of another's changes nothing."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.alerts.queue.checking import NOW, check, checked
from tests.alerts.queue.fake_events import fake_event, fake_message
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef, evidence_folder
from thapcanh.alerts.queue.sender_check import FOREIGN_EVIDENCE
from thapcanh.alerts.queue.workers.worker_keys import WorkerKeys
from thapcanh.alerts.store.errors import ContentRefused, WireError
from thapcanh.app.centre.intake import signed_only_since
from thapcanh.config.site import QueueConfig, Site
from thapcanh.detection.event import EventPhase

OWN = evidence_folder(fake_event(1))


def clip(folder: str) -> EvidenceRef:
    path = f"{folder}/clip.mp4"
    return EvidenceRef(kind=EvidenceKind.CLIP, path=path, sha256="cd" * 32, bytes=9)


@pytest.mark.parametrize(
    "folder",
    [
        OWN.replace("event-1", "event-2"),  # another event's
        OWN.replace("gate", "yard"),  # another camera's
        "case",
        "a/b/c/gate/event-1",
        f"{OWN}/deeper",
        OWN.partition("/")[2],
        "documents/hospital",
    ],
)
def test_a_message_claims_no_file_of_another_camera_or_event(folder: str) -> None:
    lying = fake_message(1, evidence=(clip(folder),))
    stored = checked(lying)
    assert stored.event == lying.event, "what was seen counts"
    assert (stored.evidence, stored.evidence_error) == ((), FOREIGN_EVIDENCE)
    with pytest.raises(ContentRefused, match="not in the folder of event event-1"):
        checked(replace(lying, evidence_only=True))


def test_files_of_the_event_itself_are_taken_whatever_their_day() -> None:
    later = OWN.replace("2027/01/15", "2027/01/16")
    for folder in (OWN, later):
        message = fake_message(1, evidence=(clip(folder),))
        assert checked(message) is message


def test_a_self_test_proves_only_its_own_worker() -> None:
    """One for another worker, or a camera, kept the screens calm while that one was blind."""
    assert checked(fake_message(1, kind="self_test", camera_id="worker-1"))
    for other in ("worker-2", "gate"):
        with pytest.raises(ContentRefused, match="does not speak for"):
            checked(fake_message(1, kind="self_test", camera_id=other, phase=EventPhase.CLEARED))


def site_of(url: str | None, signed_only: bool | None = None) -> Site:
    queue = QueueConfig.model_validate({"url": url, "signed_only": signed_only})
    return Site.model_construct(queue=queue)


ELSEWHERE = "redis://127.0.0.1:1/0"


def test_from_the_moment_that_a_worker_is_enrolled_a_stranger_is_not_believed(
    tmp_path: Path,
) -> None:
    keys = WorkerKeys(tmp_path / "keys")
    judge = check(keys, signed_only_since=lambda: signed_only_since(site_of(ELSEWHERE), keys))
    stranger = fake_message(1, source="stranger")
    assert checked(stranger, judge)
    keys.enrol("worker-1", NOW + 1)
    assert checked(replace(stranger, producer_seq=2), judge), "it was sent before"
    keys.enrol("worker-1", NOW - 1)
    with pytest.raises(WireError, match="no worker 'stranger' is enrolled"):
        checked(stranger, judge)
    assert signed_only_since(site_of(ELSEWHERE, False), keys) is None
    assert signed_only_since(site_of(ELSEWHERE, True), keys) == float("-inf")


def test_workers_that_enrolled_themselves_shut_nobody_out_of_a_site_that_grew(
    tmp_path: Path,
) -> None:
    keys = WorkerKeys(tmp_path)
    keys.enrol("worker-0", NOW, by_itself=True)
    assert signed_only_since(site_of(None), keys) == NOW
    assert signed_only_since(site_of(ELSEWHERE), keys) is None
    old = json.loads((tmp_path / "worker-0.json").read_text(encoding="utf-8"))
    del old["by_itself"]
    (tmp_path / "worker-0.json").write_text(json.dumps(old), encoding="utf-8")
    assert signed_only_since(site_of(ELSEWHERE), WorkerKeys(tmp_path)) is None
    (tmp_path / "worker-1.json").write_text("{}", encoding="utf-8")  # damaged: somebody had a key
    assert signed_only_since(site_of(ELSEWHERE), WorkerKeys(tmp_path)) is not None
