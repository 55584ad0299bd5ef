"""Evidence of a camera with privacy masks: pictures and film are sealed with the masks painted."""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from tests.alerts.recording import EVENT, SHORT, FakeCamera, frame
from thapcanh.alerts.evidence.cases.case_folder import verify_case
from thapcanh.alerts.evidence.recorder import EventRecorder
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue.spool import Spool
from thapcanh.ingest.frame import Plane
from thapcanh.ingest.packets.libav import open_container

WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def test_what_is_sealed_is_masked(tmp_path: Path, until: Callable[..., None]) -> None:
    store = FolderStore(tmp_path / "evidence")
    spool = Spool(tmp_path / "spool.sqlite", "worker-1")
    camera = FakeCamera(privacy_masks=[WHOLE])
    camera.play_to(20.0)
    recorder = EventRecorder(store, spool, settings=SHORT)
    recorder.start()
    recorder.accept(EVENT, frame(), camera)
    until(lambda: spool.depth().count == 3)
    recorder.stop()
    spool.close()
    folder = store.path(store.folder_of(EVENT))
    found = {path.name: path for path in folder.iterdir()}
    assert sorted(found) == ["clip.mp4", "manifest.json", "snapshot.jpg", "snapshot_boxed.jpg"]
    assert int(_pixels(found["snapshot.jpg"]).max()) <= 4
    box_and_label = _pixels(found["snapshot_boxed.jpg"]) > 40
    assert box_and_label.mean() < 0.2
    with open_container(str(found["clip.mp4"])) as container:
        pictures = [one.to_ndarray(format="gray") for one in container.decode(video=0)]
    assert pictures
    assert max(int(one.max()) for one in pictures) <= 2
    notes = json.loads(found["manifest.json"].read_text(encoding="utf-8"))["notes"]
    assert any("privacy masks are painted over" in note for note in notes)
    assert verify_case(folder).ok


def _pixels(path: Path) -> Plane:
    read = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert read is not None
    return np.asarray(read, np.uint8)
