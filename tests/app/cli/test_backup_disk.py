"""The disk of backups is not mounted: nothing is written in its place, and the way out is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.other_disk import MountPoint, other_disk
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.app.cli.backup import run_backup, run_restore
from thapcanh.app.cli.main import main
from thapcanh.ingest.store_identity import STORE_ID_FILE


@pytest.fixture
def config(tmp_path: Path) -> Path:
    Archive(sqlite_url(tmp_path / "data" / "archive.sqlite")).close()
    path = tmp_path / "thapcanh.toml"
    path.write_text('[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://10.0.0.1/a"\n')
    return path


@pytest.fixture
def point(tmp_path: Path) -> MountPoint:
    return MountPoint(tmp_path / "backups")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with other_disk(tmp_path) as made:
        yield made


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Path]:
    with other_disk(tmp_path) as made:
        yield made


def remembered(config: Path) -> Path:
    (found,) = (config.parent / "data" / "spool").glob("copies-*.store-id")
    return found


def test_a_backup_without_its_disk_is_refused_and_leaves_its_mount_point_empty(
    config: Path, point: MountPoint, disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It filled the system's disk, to be lost together with the archive."""
    point.mount(disk)
    assert run_backup(config, point.place / "first") == 0
    assert "note" not in capsys.readouterr().out
    point.unmount()
    assert run_backup(config, point.place / "second") == 1
    told = capsys.readouterr().err
    for named in (f"{point.place} is not", "mount its disk", f"remove {remembered(config)}"):
        assert named in told
    assert told.count("\n") == 1
    assert list(point.place.iterdir()) == []
    point.mount(disk)
    assert run_backup(config, point.place / "second") == 0


def test_new_folders_on_a_disk_that_is_not_there_are_refused_too(
    config: Path, point: MountPoint, disk: Path
) -> None:
    point.mount(disk)
    assert run_backup(config, point.place / "2026" / "11" / "first") == 0
    assert (disk / STORE_ID_FILE).exists()
    point.unmount()
    assert run_backup(config, point.place / "2026" / "12" / "second") == 1
    assert list(point.place.iterdir()) == []


def test_a_mount_point_that_was_first_is_told_and_never_taken_for_its_disk(
    config: Path, point: MountPoint, disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_backup(config, point.place / "too-early") == 0
    assert f"note: {point.place} is on the disk of {config.parent}" in capsys.readouterr().out
    assert not (point.place / STORE_ID_FILE).exists()
    point.mount(disk)
    assert run_backup(config, point.place / "right") == 0
    assert (disk / STORE_ID_FILE).read_text() == remembered(config).read_text()


def test_disks_take_turns_and_a_new_one_is_let_in_once(
    config: Path, point: MountPoint, disk: Path, second: Path
) -> None:
    point.mount(disk)
    assert run_backup(config, point.place / "1") == 0
    point.mount(second)
    assert run_backup(config, point.place / "2") == 1
    remembered(config).unlink()
    assert run_backup(config, point.place / "2") == 0
    for number, there in ((3, disk), (4, second), (5, disk)):
        point.mount(there)
        assert run_backup(config, point.place / str(number)) == 0
    assert {one.name for one in second.iterdir()} == {STORE_ID_FILE, "2", "4"}
    point.unmount()
    assert run_backup(config, point.place / "6") == 1


def test_a_data_folder_that_cannot_be_written_ends_no_backup(
    config: Path, point: MountPoint, disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (config.parent / "data" / "spool").write_text("a file")
    point.mount(disk)
    assert run_backup(config, point.place / "first") == 0
    assert f"note: the disk of {point.place} is not known from now on" in capsys.readouterr().out


def test_a_folder_that_all_write_in_is_not_remembered(
    config: Path, point: MountPoint, disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of /tmp in memory nothing is left after a restart: that is no disk that is missing."""
    disk.chmod(0o1777)
    point.mount(disk)
    assert run_backup(config, point.place / "first") == 0
    assert f"note: all may write in {point.place}" in capsys.readouterr().out
    assert not (disk / STORE_ID_FILE).exists()
    point.unmount()
    assert run_backup(config, point.place / "second") == 0


def test_a_restore_says_that_the_disk_is_not_mounted(
    config: Path, point: MountPoint, disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    point.mount(disk)
    assert run_backup(config, point.place / "first") == 0
    point.unmount()
    assert run_restore(config, point.place / "first") == 1
    assert "mount its disk" in capsys.readouterr().err
    point.mount(disk)
    assert run_restore(config, point.place / "first") == 0


def test_check_names_a_disk_of_backups_that_is_not_mounted(
    config: Path, point: MountPoint, disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    point.mount(disk)
    assert run_backup(config, point.place / "first") == 0
    assert main(["check", "-c", str(config)]) == 0
    assert "mount its disk" not in capsys.readouterr().out
    point.unmount()
    assert main(["check", "-c", str(config)]) == 0
    assert f"hint: {point.place} is not the disk of copies" in capsys.readouterr().out
