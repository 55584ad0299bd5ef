"""The evidence folder: durable, sealed, never overwritten, never left."""

import errno
import hashlib
from pathlib import Path

import pytest

from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.evidence.cases.case_folder import MANIFEST, manifest, verify_case
from thapcanh.alerts.evidence.stores import durable_files
from thapcanh.alerts.evidence.stores.durable_files import file_sha256
from thapcanh.alerts.evidence.stores.folder import FolderStore, named
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.store.errors import EvidenceFailed, EvidenceFull, EvidenceOutside
from thapcanh.config import files

SNAPSHOT = EvidenceKind.SNAPSHOT


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "evidence")


def test_a_saved_file_is_sealed_and_lies_where_it_says(store: FolderStore) -> None:
    folder = store.folder_of(fake_event())
    ref = store.save(folder, "snapshot.jpg", SNAPSHOT, b"picture")
    assert ref.path == "2027/01/15/gate/event-1/snapshot.jpg"
    assert store.path(ref.path).read_bytes() == b"picture"
    assert (ref.sha256, ref.bytes) == (hashlib.sha256(b"picture").hexdigest(), 7)
    assert [path.name for path in store.path(folder).iterdir()] == ["snapshot.jpg"]


def test_evidence_is_never_changed(store: FolderStore) -> None:
    store.save("case", "snapshot.jpg", SNAPSHOT, b"one")
    with pytest.raises(EvidenceFailed, match="there already"):
        store.save("case", "snapshot.jpg", SNAPSHOT, b"two")
    assert store.path("case/snapshot.jpg").read_bytes() == b"one"


def test_only_the_manifest_is_written_anew(store: FolderStore) -> None:
    store.save("case", "manifest.json", EvidenceKind.MANIFEST, b"one")
    ref = store.save("case", "manifest.json", EvidenceKind.MANIFEST, b"two")
    assert file_sha256(store.path("case/manifest.json")) == ref.sha256


def test_a_file_of_another_is_sealed_as_it_lies(store: FolderStore) -> None:
    place = store.make_folder("case") / "clip.mp4"
    place.write_bytes(b"film" * 1000)
    ref = store.seal("case", "clip.mp4", EvidenceKind.CLIP)
    assert (ref.sha256, ref.bytes) == (file_sha256(place), 4000)
    with pytest.raises(EvidenceFailed, match=r"missing\.mp4"):
        store.seal("case", "missing.mp4", EvidenceKind.CLIP)


def test_a_case_is_good_whose_file_was_broken_off_on_a_store_that_turned_read_only(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broken-off draft stayed in the case for ever, and its check named a foreign file."""
    film = tmp_path / "clip.mp4"
    film.write_bytes(b"film" * 1000)
    seal = hashlib.sha256(film.read_bytes()).hexdigest()
    ref = EvidenceRef(kind=EvidenceKind.CLIP, path="case/clip.mp4", sha256=seal, bytes=4000)

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as read_only:
        read_only.setattr(durable_files, "rename", another_disk)
        read_only.setattr(files, "rename", refused)
        read_only.setattr(Path, "unlink", refused)
        with pytest.raises(EvidenceFailed, match="Read-only"):
            store.put(film, ref)
    (left,) = store.path("case").iterdir()
    text = manifest(fake_event(), worker="w", made_at=1.0, files=[ref], notes=[])
    store.save("case", MANIFEST, EvidenceKind.MANIFEST, text)
    store.put(film, ref)
    assert not left.exists()
    left.write_bytes(b"of a writer that was killed")
    assert verify_case(store.path("case")).ok
    store.delete("case/manifest.json")
    store.delete(ref.path)
    assert not store.path("case").exists()


def another_disk(source: Path, target: Path) -> None:
    raise OSError(errno.EXDEV, "Invalid cross-device link")


@pytest.mark.parametrize(
    "path", ["../x", "a/../../x", "/etc/passwd", "..", "a/../b", "/", "a/b/../../../c"]
)
def test_no_path_leaves_the_folder(store: FolderStore, path: str) -> None:
    with pytest.raises(EvidenceOutside):
        store.path(path)


def test_no_link_leads_out_of_the_folder(store: FolderStore, tmp_path: Path) -> None:
    store.make_folder("case")
    (tmp_path / "secret").write_text("x")
    (store.root / "case" / "link").symlink_to(tmp_path / "secret")
    (store.root / "out").symlink_to(tmp_path)
    for path in ("case/link", "out/secret", "out"):
        with pytest.raises(EvidenceOutside):
            store.path(path)
    with pytest.raises(EvidenceOutside):
        store.delete("out/secret")


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".", "..", "x" * 65, "a\x00b"])
def test_names_that_are_not_names_make_no_folder(store: FolderStore, name: str) -> None:
    with pytest.raises(EvidenceOutside):
        store.folder_of(fake_event(camera_id=name))
    with pytest.raises(EvidenceOutside):
        store.folder_of(fake_event(event_id=name))


def test_deleting_frees_bytes_and_takes_empty_folders_along(store: FolderStore) -> None:
    store.save("2027/01/gate/a", "clip.mp4", EvidenceKind.CLIP, b"12345")
    store.save("2027/01/gate/b", "clip.mp4", EvidenceKind.CLIP, b"123")
    assert store.delete("2027/01/gate/a/clip.mp4") == 5
    assert store.delete("2027/01/gate/a/clip.mp4") == 0
    assert [path.name for path in (store.root / "2027/01/gate").iterdir()] == ["b"]
    assert store.delete("2027/01/gate/b/clip.mp4") == 3
    assert list(store.root.iterdir()) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (errno.ENOSPC, EvidenceFull),
        (errno.EDQUOT, EvidenceFull),
        (errno.EACCES, EvidenceFailed),
        (errno.EROFS, EvidenceFailed),
    ],
)
def test_a_full_disk_is_told_from_other_failures(code: int, kind: type[Exception]) -> None:
    assert isinstance(named(OSError(code, "x"), "clip.mp4"), kind)


def test_a_folder_that_cannot_be_made_is_named(store: FolderStore) -> None:
    store.root.parent.joinpath("evidence").write_text("a file stands here")
    with pytest.raises(EvidenceFailed, match="case"):
        store.save("case", "snapshot.jpg", SNAPSHOT, b"x")


def test_free_room_is_known_before_the_folder_is_made(store: FolderStore) -> None:
    assert store.free_bytes() > 0
