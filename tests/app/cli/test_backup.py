"""A backup taken while the archive is written to is whole, and comes back as it was."""

import dataclasses
import hashlib
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE

import psycopg
import pytest
from psycopg import sql

from tests.alerts.conftest import PostgresServer
from tests.alerts.queue.fake_events import fake_message
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.roles import Role
from thapcanh.app.cli.backup import ARCHIVE, CONFIGURATION, INDEX, run_backup, run_restore
from thapcanh.app.supervisor.supervisor import hold_data_dir
from thapcanh.config.credentials import KEY_VARIABLE, CameraCredentials, Credential, new_key

NOW = 1_800_000_100.0
PICTURE = b"a picture"
REF = EvidenceRef(
    kind=EvidenceKind.SNAPSHOT,
    path="2026/snapshot.jpg",
    sha256="9c30c24b1ba5c0ab0a5a24eb9fbfbbf1d5a2a59cd2cbabcf0bcf3a9f0ad3d9c1",
    bytes=len(PICTURE),
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "thapcanh.toml"
    path.write_text('[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://10.0.0.1/a"\n')
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def archive(data: Path) -> Iterator[Archive]:
    archive = Archive(sqlite_url(data / "archive.sqlite"))
    yield archive
    archive.close()


def take(archive: Archive, seq: int, *evidence: EvidenceRef) -> None:
    message = fake_message(seq, event_id=f"event-{seq}", evidence=evidence)
    archive.take_in(message, queued_at=NOW, now=NOW, camera=lambda _: None)


def sealed_picture(data: Path) -> EvidenceRef:
    path = data / "evidence" / REF.path
    path.parent.mkdir(parents=True)
    path.write_bytes(PICTURE)
    return dataclasses.replace(REF, sha256=hashlib.sha256(PICTURE).hexdigest())


def events_in(path: Path) -> int:
    archive = Archive(sqlite_url(path))
    found = sum(alert.detections for alert in archive.alerts().items)
    archive.close()
    return found


def test_a_backup_beside_a_writer_is_whole_and_restores(
    config: Path, data: Path, archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(archive, 1, sealed_picture(data))
    stop = threading.Event()

    def write_on() -> None:
        seq = 2
        while not stop.is_set():
            take(archive, seq)
            seq += 1

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        assert run_backup(config, tmp_path / "backup") == 0
    finally:
        stop.set()
        writer.join()
    archive.close()
    after = events_in(data / "archive.sqlite")
    (data / "archive.sqlite").write_bytes(b"a disk that died")
    assert run_restore(config, tmp_path / "backup") == 0
    assert 1 <= events_in(data / "archive.sqlite") <= after
    said = capsys.readouterr().out
    assert "whole" in said
    assert "before-restore" in said, "what stood there is kept"
    assert list(data.glob("archive.sqlite.before-restore-*"))


def test_missing_and_changed_evidence_is_named(
    config: Path, data: Path, archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(archive, 1, sealed_picture(data))
    assert run_backup(config, tmp_path / "backup") == 0
    archive.close()
    picture = data / "evidence" / REF.path
    for spoil, word in (
        (lambda: picture.write_bytes(b"another"), "changed"),
        (picture.unlink, "missing"),
    ):
        spoil()
        assert run_restore(config, tmp_path / "backup") == 1
        assert f"{REF.path}: {word}" in capsys.readouterr().out


@pytest.mark.parametrize("name", [ARCHIVE, CONFIGURATION, INDEX])
def test_a_backup_with_a_flipped_byte_is_refused_before_anything_is_touched(
    config: Path, archive: Archive, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    take(archive, 1, sealed_picture(data))
    assert run_backup(config, tmp_path / "backup") == 0
    spoiled = tmp_path / "backup" / name
    content = bytearray(spoiled.read_bytes())
    content[len(content) // 2] ^= 1
    spoiled.write_bytes(content)
    assert run_restore(config, tmp_path / "backup") == 1
    assert name in capsys.readouterr().err
    assert events_in(data / "archive.sqlite") == 1


def test_a_running_site_is_not_restored_over(
    config: Path, data: Path, archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_backup(config, tmp_path / "backup") == 0
    with hold_data_dir(data / "run"):
        assert run_restore(config, tmp_path / "backup") == 1
    assert "stop it first" in capsys.readouterr().err


def test_an_archive_that_another_process_writes_is_not_put_aside(
    config: Path, data: Path, archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A centre without a supervisor holds no lock of the data folder."""
    archive.close()
    code = "import sys; file = open(sys.argv[1]); print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(data / "archive.sqlite")]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE) as centre:
        assert centre.stdout is not None
        centre.stdout.readline()
        assert run_backup(config, tmp_path / "backup") == 0
        assert f"process {centre.pid} has the archive open" in capsys.readouterr().out
        assert run_restore(config, tmp_path / "backup") == 1
        assert f"process {centre.pid} has the archive" in capsys.readouterr().err
        assert not list(data.glob("archive.sqlite.before-restore-*"))
    assert run_restore(config, tmp_path / "backup") == 0


@pytest.mark.parametrize(
    ("prepare", "word"),
    [
        (Path.mkdir, "exists already"),
        (Path.exists, "there is no archive"),
    ],
)
def test_what_cannot_be_backed_up_says_why(
    config: Path, tmp_path: Path, prepare: Callable[[Path], object], word: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    prepare(tmp_path / "backup")
    assert run_backup(config, tmp_path / "backup") == 1
    assert word in capsys.readouterr().err


def test_a_backup_is_for_its_owner_only(config: Path, archive: Archive, tmp_path: Path) -> None:
    assert run_backup(config, tmp_path / "backup") == 0
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0
    assert json.loads((tmp_path / "backup" / "seals.json").read_text())[ARCHIVE]


def test_more_cameras_and_their_encrypted_logins_are_in_the_backup_and_sealed(
    config: Path, archive: Archive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = tmp_path / "cameras.d" / "pc07.toml"
    more.parent.mkdir()
    more.write_text('[[cameras]]\nid = "b"\nname = "B"\nsource = "rtsp://10.0.0.2/b"\n')
    key = {KEY_VARIABLE: new_key()}
    CameraCredentials(config, key).set("b", Credential(username="u", password="p"))
    backup = tmp_path / "backup"
    assert run_backup(config, backup) == 0
    assert CameraCredentials(backup / config.name, key).get("b").password == "p"
    copy = backup / "cameras.d" / "pc07.toml"
    assert copy.read_text() == more.read_text()
    copy.write_text("changed")
    archive.close()
    assert run_restore(config, backup) == 1
    assert "pc07.toml was changed" in capsys.readouterr().err


@pytest.fixture
def elsewhere(tmp_path: Path, postgres: PostgresServer) -> Iterator[tuple[Path, str]]:
    """The configuration of a site on PostgreSQL, and its database."""
    url = postgres.new_database()
    path = tmp_path / "server" / "thapcanh.toml"
    path.parent.mkdir()
    path.write_text(
        f'[archive]\nurl = "{url}"\n'
        '[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://10.0.0.1/a"\n',
        encoding="utf-8",
    )
    yield path, url
    postgres.drop(url)


def standing(url: str) -> list[tuple[str, int, str | None]]:
    archive = Archive(url)
    try:
        assert archive.verify_chain().ok
        archive.save_user(
            User(
                username="new", name="Mới", roles=frozenset({Role.VIEWER}), locale="vi",
                password_hash="x", created_at=NOW,
            )
        )  # fmt: skip
        return sorted((one.number, one.detections, one.snapshot) for one in archive.alerts().items)
    finally:
        archive.close()


def test_a_backup_goes_between_sqlite_and_postgresql_in_both_directions(
    config: Path,
    data: Path,
    archive: Archive,
    tmp_path: Path,
    elsewhere: tuple[Path, str],
) -> None:
    """A backup on PostgreSQL saved nothing and ended with 1; one box could not grow."""
    server_config, url = elsewhere
    take(archive, 1, sealed_picture(data))
    take(archive, 2)
    archive.note_login("someone", "10.0.0.9", NOW, succeeded=False)
    archive.close()
    before = standing(sqlite_url(data / "archive.sqlite"))
    assert run_backup(config, tmp_path / "small") == 0
    shutil.copytree(data / "evidence", server_config.parent / "data" / "evidence")
    assert run_restore(server_config, tmp_path / "small") == 0
    assert standing(url) == before
    grown = Archive(url)
    grown.note_login("someone", "10.0.0.9", NOW, succeeded=True)  # its number is a new one
    take(grown, 3)
    grown.close()
    assert run_backup(server_config, tmp_path / "large") == 0
    assert run_restore(config, tmp_path / "large") == 0
    after = standing(sqlite_url(data / "archive.sqlite"))
    assert len(after) == len(before)
    assert sum(count for _, count, _ in after) == sum(count for _, count, _ in before) + 1


def test_what_a_restore_replaces_in_postgresql_is_kept_there(
    config: Path,
    archive: Archive,
    tmp_path: Path,
    elsewhere: tuple[Path, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    server_config, url = elsewhere
    take(archive, 1)
    archive.close()
    assert run_backup(config, tmp_path / "backup") == 0
    old = Archive(url)
    take(old, 7)
    take(old, 8)
    old.close()
    assert run_restore(server_config, tmp_path / "backup") == 0
    kept = re.search(r"the schema (before-restore-[\d-]+)", capsys.readouterr().out)
    assert kept is not None
    with psycopg.connect(url) as connection:
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(kept[1], "event"))
        assert connection.execute(count).fetchone() == (2,)
    assert len(standing(url)) == 1
