"""A case folder proves itself: a changed, missing or foreign file is named."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.evidence.cases.case_folder import (
    MANIFEST,
    FileFault,
    SealFault,
    manifest,
    verify_case,
)
from thapcanh.alerts.evidence.stores.durable_files import file_sha256
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue.message import EvidenceKind


@pytest.fixture
def case(tmp_path: Path) -> Path:
    store = FolderStore(tmp_path)
    files = [
        store.save("case", "snapshot.jpg", EvidenceKind.SNAPSHOT, b"picture"),
        store.save("case", "clip.mp4", EvidenceKind.CLIP, b"film"),
    ]
    text = manifest(
        fake_event(), worker="worker-1", made_at=1.0, files=files, notes=["clip.mp4: khói"]
    )
    store.save("case", MANIFEST, EvidenceKind.MANIFEST, text)
    return tmp_path / "case"


def test_a_case_as_it_was_sealed_is_good(case: Path) -> None:
    verdict = verify_case(case, file_sha256(case / MANIFEST))
    assert (verdict.ok, verdict.files, verdict.faults) == (True, 2, ())


def test_the_manifest_says_who_when_and_by_what(case: Path) -> None:
    content = json.loads((case / MANIFEST).read_text(encoding="utf-8"))
    assert (content["worker"], content["camera"], content["made_at"]) == ("worker-1", "gate", 1.0)
    assert content["model"] == {"name": "model", "sha256": "ab" * 32}
    assert content["rule"] == {"id": "fire", "version": 1, "zone": None}
    assert content["event"]["event_id"] == "event-1"
    assert [item["name"] for item in content["files"]] == ["snapshot.jpg", "clip.mp4"]
    assert content["notes"] == ["clip.mp4: khói"]


def test_numbers_of_numpy_stand_in_the_manifest_as_numbers() -> None:
    event = fake_event(track_id=np.int64(7), confidence=np.float32(0.5))
    content = json.loads(manifest(event, worker="w", made_at=1.0, files=[], notes=[]))
    assert (content["event"]["track_id"], content["event"]["confidence"]) == (7, 0.5)


DAMAGE: list[tuple[Callable[[Path], object], FileFault]] = [
    (
        lambda case: (case / "clip.mp4").write_bytes(b"other"),
        FileFault(name="clip.mp4", fault=SealFault.CHANGED),
    ),
    (
        lambda case: (case / "snapshot.jpg").unlink(),
        FileFault(name="snapshot.jpg", fault=SealFault.MISSING),
    ),
    (
        lambda case: (case / "added.jpg").write_bytes(b"x"),
        FileFault(name="added.jpg", fault=SealFault.NOT_LISTED),
    ),
    (
        lambda case: (case / MANIFEST).unlink(),
        FileFault(name=MANIFEST, fault=SealFault.MISSING),
    ),
    (
        lambda case: (case / MANIFEST).write_text("{}"),
        FileFault(name=MANIFEST, fault=SealFault.UNREADABLE),
    ),
    (
        lambda case: (case / MANIFEST).write_bytes(b"\xff\xfe"),
        FileFault(name=MANIFEST, fault=SealFault.UNREADABLE),
    ),
    (
        lambda case: (case / MANIFEST).write_text('{"files": [{"name": "../x", "sha256": ""}]}'),
        FileFault(name=MANIFEST, fault=SealFault.UNREADABLE),
    ),
]


@pytest.mark.parametrize(("damage", "fault"), DAMAGE)
def test_damage_is_named(case: Path, damage: Callable[[Path], object], fault: FileFault) -> None:
    damage(case)
    verdict = verify_case(case)
    assert not verdict.ok
    assert verdict.faults == (fault,)


def test_a_manifest_made_anew_by_a_forger_is_found_by_its_seal(case: Path) -> None:
    seal = file_sha256(case / MANIFEST)
    content = json.loads((case / MANIFEST).read_text(encoding="utf-8"))
    (case / "clip.mp4").write_bytes(b"forged")
    content["files"][1]["sha256"] = file_sha256(case / "clip.mp4")
    (case / MANIFEST).write_text(json.dumps(content))
    assert verify_case(case).ok
    assert verify_case(case, seal).faults == (FileFault(name=MANIFEST, fault=SealFault.CHANGED),)
