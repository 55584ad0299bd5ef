"""`config/files.py`: a name leads to the old content or the new one, whatever fails on the way."""

import errno
import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from thapcanh.config import files

Write = Callable[[Path], None]


def _written(path: Path, then: type[BaseException] | None = None) -> None:
    with files.whole_file(path) as draft:
        draft.write_text("new")
        if then is not None:
            raise then


WRITES: dict[str, Write] = {
    "replace": lambda path: files.replace_file(path, "new"),
    "create": lambda path: files.create_file(path, b"new"),
    "whole": _written,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_content_is_on_the_disk_before_its_name_and_the_name_before_the_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write
) -> None:
    path, done = tmp_path / "file", list[str]()
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced = os.readlink(f"/proc/self/fd/{descriptor}")
        is_folder = synced == str(tmp_path)
        if not is_folder:
            assert Path(synced).read_text() == "new", "all of it was handed to the system"
        done.append(f"{'folder' if is_folder else 'content'}, named: {path.exists()}")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    write(path)
    assert done == ["content, named: False", "folder, named: True"]
    assert [path.read_text(), os.listdir(tmp_path)] == ["new", ["file"]]


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_a_killed_writer_left_is_gone_a_day_later(tmp_path: Path, write: Write) -> None:
    """It stayed for ever beside each file that is replaced whole."""
    two_days_ago = time.time() - 2 * 86_400
    left, young = tmp_path / ".state.json.41-7.part", tmp_path / ".state.json.42-1.part"
    others = tmp_path / "notes.part"
    for path in (left, young, others):
        path.write_text("half")
    for path in (left, others):
        os.utime(path, (two_days_ago, two_days_ago))
    write(tmp_path / "file")
    assert {one.name for one in tmp_path.iterdir()} == {young.name, others.name, "file"}


@pytest.mark.parametrize("write", [WRITES["replace"], WRITES["whole"]], ids=["replace", "whole"])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_what_fails_leaves_the_old_content_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Write, call: str
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(OSError, match="No space left"):
        write(path)
    assert [path.read_text(), os.listdir(tmp_path)] == ["old", ["file"]]


def test_an_interrupted_block_leaves_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        _written(path, KeyboardInterrupt)
    assert [path.read_text(), os.listdir(tmp_path)] == ["old", ["file"]]


def test_two_who_write_one_file_do_not_mix(tmp_path: Path) -> None:
    path, contents = tmp_path / "file", [letter * 50_000 for letter in "abcd"]

    def write(content: str) -> None:
        for _ in range(5):
            files.replace_file(path, content)

    writers = [threading.Thread(target=write, args=(content,)) for content in contents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_text() in contents
    assert os.listdir(tmp_path) == ["file"]


def test_a_private_file_is_its_owners_alone_from_the_first_byte(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("old")  # an older one that all may read
    path.chmod(0o644)
    files.replace_file(path, "new", private=True)
    files.create_file(tmp_path / "other", "new", private=True)
    modes = [stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()]
    assert modes == [0o600, 0o600]


def test_a_taken_name_stays_also_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    files.create_file(path, "first")
    monkeypatch.setattr(files, "_write", lambda *_: pytest.fail("nothing is written"))
    with pytest.raises(FileExistsError):
        files.create_file(path, "second")
    assert path.read_text() == "first"


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_share_without_hard_links_gets_new_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_taken: bool
) -> None:
    path = tmp_path / "id"

    def refused(self: Path, target: Path) -> None:
        if is_taken:
            path.write_text("of a faster one")
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    if is_taken:
        with pytest.raises(FileExistsError):
            files.create_file(path, "mine")
    else:
        files.create_file(path, "mine")
    assert path.read_text() == ("of a faster one" if is_taken else "mine")
    assert os.listdir(tmp_path) == ["id"]


def test_a_folder_is_put_in_place_with_all_that_is_in_it_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, synced = tmp_path / ".draft", set[str]()
    (draft / "keys").mkdir(parents=True)
    (draft / "keys" / "a.key").write_text("a")
    (draft / "archive").write_text("b")
    (draft / "away").symlink_to("/nowhere")
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: synced.add(os.readlink(f"/proc/self/fd/{descriptor}"))
    )
    files.put_in_place(draft, tmp_path / "backup")
    places = [draft, draft / "keys", draft / "keys" / "a.key", draft / "archive", tmp_path]
    assert synced == {str(place) for place in places}
    assert (tmp_path / "backup" / "keys" / "a.key").read_text() == "a"


def test_a_file_system_that_syncs_no_folders_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    files.replace_file(tmp_path / "file", "new")
    assert (tmp_path / "file").read_text() == "new"
