"""`thapcanh check --upgrade`: an upgrade tried on a copy; what it says of time, room, way back."""

import gzip
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.alerts.store.small_archive import ARCHIVES
from tests.made_archives import archive_at
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.errors import ArchiveRefused
from thapcanh.alerts.store.schema_version import newest_revision
from thapcanh.app.cli.main import main
from thapcanh.app.cli.rehearsal import rehearse

OLDEST = "0010_evidence_gone"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    path = tmp_path / "thapcanh.toml"
    path.write_text('[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://10.0.0.1/a"\n')
    return path


@pytest.fixture
def old(config: Path) -> Path:
    path = config.parent / "data" / "archive.sqlite"
    path.write_bytes(gzip.decompress((ARCHIVES / f"{OLDEST}.sqlite.gz").read_bytes()))
    return path


def test_an_upgrade_is_tried_on_a_copy_and_the_archive_only_read(
    config: Path, old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = old.read_bytes()
    assert main(["check", "--upgrade", "-c", str(config)]) == 0
    printed = capsys.readouterr().out
    assert f"{OLDEST} -> {newest_revision()}" in printed
    assert "entries whole" in printed
    assert "  time: " in printed
    assert "  room: " in printed
    assert f"thapcanh downgrade {OLDEST}`" in printed
    assert old.read_bytes() == before
    assert not list(old.parent.glob(".rehearsal-*")), "the copy is removed"


def test_what_it_says_of_the_way_back_is_so(
    config: Path, old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--upgrade", "-c", str(config)]) == 0
    schema = capsys.readouterr().out.partition("thapcanh downgrade ")[2].partition("`")[0]
    archive_at(old).close()
    assert main(["downgrade", "--yes", "-c", str(config), schema]) == 0
    assert f"-> {OLDEST}" in capsys.readouterr().out


def test_an_archive_of_this_program_needs_no_rehearsal(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive_at(config.parent / "data" / "archive.sqlite").close()
    assert main(["check", "--upgrade", "-c", str(config)]) == 0
    assert "changes nothing" in capsys.readouterr().out


def test_too_little_room_is_said_before_it_is_filled(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = SimpleNamespace(free=old.stat().st_size)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(ArchiveRefused, match="may need"):
        rehearse(sqlite_url(old), tmp_path, lambda _: None)
    assert not list(tmp_path.glob(".rehearsal-*"))


def test_a_folder_that_is_not_there_is_one_line(
    config: Path, old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert old.exists()
    code = main(["check", "--upgrade", "-c", str(config), "--in", str(config.parent / "none")])
    assert code == 1
    assert "--in FOLDER" in capsys.readouterr().err
