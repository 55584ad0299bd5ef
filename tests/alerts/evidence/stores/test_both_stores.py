"""What every evidence store promises, asked of the folder and of S3-compatible storage alike."""

import hashlib
from pathlib import Path

import pytest

from tests.alerts.evidence.stores.conftest import MakeStore
from thapcanh.alerts.evidence.store_monitor import StoreIdentity
from thapcanh.alerts.evidence.stores.store import EvidenceStore, read_whole, stored_sha256
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.store.errors import (
    EvidenceError,
    EvidenceMissing,
    EvidenceOutside,
    EvidenceStoreWrong,
    EvidenceUnusable,
)

FILM = bytes(range(256)) * 4000  # several pieces
CLIP = "2027/01/15/gate/event-1/clip.mp4"


def kept(
    store: EvidenceStore,
    folder: Path,
    content: bytes = FILM,
    path: str = CLIP,
    kind: EvidenceKind = EvidenceKind.CLIP,
) -> EvidenceRef:
    source = folder / "waiting.bin"
    source.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    ref = EvidenceRef(kind=kind, path=path, sha256=digest, bytes=len(content))
    store.put(source, ref)
    return ref


def test_a_file_is_read_as_it_was_put(store: EvidenceStore, tmp_path: Path) -> None:
    ref = kept(store, tmp_path)
    found = store.find(ref.path)
    assert found.bytes == len(FILM)
    assert b"".join(store.read(ref.path, found)) == FILM
    assert stored_sha256(store, ref.path) == ref.sha256


def test_a_file_is_read_in_pieces_from_anywhere(store: EvidenceStore, tmp_path: Path) -> None:
    ref = kept(store, tmp_path)
    found = store.find(ref.path)
    for first in (1, 500_000, len(FILM) - 1, len(FILM), len(FILM) + 5):
        pieces = list(store.read(ref.path, found, first=first))
        assert b"".join(pieces) == FILM[first:]
        assert all(len(piece) <= 300_000 for piece in pieces)


def test_an_empty_file_is_one(store: EvidenceStore, tmp_path: Path) -> None:
    ref = kept(store, tmp_path, b"")
    assert read_whole(store, ref.path) == b""


def test_who_comes_again_changes_nothing(store: EvidenceStore, tmp_path: Path) -> None:
    """After a lost reply the same file is put once more; its source may be gone by then."""
    ref = kept(store, tmp_path)
    before = store.find(ref.path)
    kept(store, tmp_path)
    store.put(tmp_path / "gone.bin", ref)
    assert store.find(ref.path) == before


def test_evidence_is_never_changed_but_a_manifest_is_replaced(
    store: EvidenceStore, tmp_path: Path
) -> None:
    kept(store, tmp_path)
    for other in (FILM[:-1] + b"x", b"short"):
        with pytest.raises(EvidenceUnusable, match="never changed"):
            kept(store, tmp_path, other)
    assert read_whole(store, CLIP) == FILM
    for text in (b"one", b"two"):
        kept(store, tmp_path, text, "case/manifest.json", EvidenceKind.MANIFEST)
    assert read_whole(store, "case/manifest.json") == b"two"


def test_what_is_gone_from_the_workers_disk_is_named(store: EvidenceStore, tmp_path: Path) -> None:
    ref = EvidenceRef(kind=EvidenceKind.CLIP, path=CLIP, sha256="ab" * 32, bytes=3)
    with pytest.raises(EvidenceUnusable, match="gone from the worker's disk"):
        store.put(tmp_path / "never.bin", ref)


def test_what_became_another_is_not_read_on(store: EvidenceStore, tmp_path: Path) -> None:
    manifest = ("case/manifest.json", EvidenceKind.MANIFEST)
    kept(store, tmp_path, b"one", *manifest)
    found = store.find("case/manifest.json")
    kept(store, tmp_path, b"two", *manifest)
    with pytest.raises(EvidenceError):
        list(store.read("case/manifest.json", found))


@pytest.mark.parametrize("path", ["never/there.mp4", "2027/01/15/gate/event-1", "2027"])
def test_what_is_no_file_is_missing(store: EvidenceStore, tmp_path: Path, path: str) -> None:
    kept(store, tmp_path)
    with pytest.raises(EvidenceMissing):
        store.find(path)


@pytest.mark.parametrize(
    "path", ["../x", "a/../../x", "/etc/passwd", "..", "a/../b", "/", "a\0b", "a/../../../c"]
)
def test_no_path_leads_out(store: EvidenceStore, path: str) -> None:
    with pytest.raises(EvidenceOutside):
        store.find(path)
    with pytest.raises(EvidenceOutside):
        store.delete(path)


def test_deleting_frees_the_bytes_once(store: EvidenceStore, tmp_path: Path) -> None:
    kept(store, tmp_path)
    kept(store, tmp_path, b"12345", "other/clip.mp4")
    assert store.delete(CLIP) == len(FILM)
    assert store.delete(CLIP) == 0
    with pytest.raises(EvidenceMissing):
        store.find(CLIP)
    assert read_whole(store, "other/clip.mp4") == b"12345"


def test_a_store_has_one_id_whoever_comes_second(make_store: MakeStore, tmp_path: Path) -> None:
    first, second = make_store(), make_store()
    assert first.read_id() is None
    first.give_id("0198-first")
    second.give_id("0198-second")
    assert [one.read_id() for one in (first, second)] == ["0198-first"] * 2
    assert StoreIdentity(second, tmp_path / "store-id").check().store_id == "0198-first"


def test_another_store_than_the_one_remembered_is_refused(
    store: EvidenceStore, tmp_path: Path
) -> None:
    identity = StoreIdentity(store, tmp_path / "store-id")
    identity.check()
    identity.expect("0198-another")
    with pytest.raises(EvidenceStoreWrong, match="another evidence store"):
        identity.check()
