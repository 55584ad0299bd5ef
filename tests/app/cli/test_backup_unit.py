"""The backup's unit is run on an archive in PostgreSQL, and what it made is put back elsewhere."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.alerts.conftest import PostgresServer
from tests.alerts.queue.fake_events import fake_message
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.app.cli.backup import ARCHIVE, CONFIGURATION, INDEX, KEYS, SEALS, run_restore

UNIT = Path(__file__).parents[3] / "deploy" / "systemd" / "thapcanh-backup.service"
NOW = 1_800_000_100.0
FIRES = 7


@pytest.fixture
def databases(postgres: PostgresServer) -> Iterator[tuple[str, str]]:
    urls = postgres.new_database(), postgres.new_database()
    yield urls
    for url in urls:
        postgres.drop(url)


def site_on(url: str, folder: Path) -> Path:
    folder.mkdir()
    path = folder / "thapcanh.toml"
    path.write_text(
        f'[archive]\nurl = "{url}"\n'
        '[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://10.0.0.1/a"\n',
        encoding="utf-8",
    )
    return path


def unit_line(config: Path, backups: Path) -> list[str]:
    """What systemd would run, with this machine's places."""
    found = re.search(r"(?m)^ExecStart=(.*)$", UNIT.read_text(encoding="utf-8"))
    assert found is not None
    line = found[1].replace("%%", "%")
    for installed, here in (
        ("/opt/thapcanh/bin/thapcanh", f"{shlex.quote(sys.executable)} -P -m thapcanh"),
        ("/etc/thapcanh/thapcanh.toml", shlex.quote(str(config))),
        ("/var/backups/thapcanh", str(backups)),
    ):
        assert installed in line
        line = line.replace(installed, here)
    return shlex.split(line)


def counts(url: str) -> dict[str, int]:
    """How many rows each table has."""
    with psycopg.connect(url) as connection:
        named = connection.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        ).fetchall()
        count = sql.SQL("SELECT count(*) FROM {}")
        return {
            name: row[0]
            for (name,) in named
            if (row := connection.execute(count.format(sql.Identifier(name))).fetchone())
        }


def test_a_restore_of_what_the_unit_made_on_postgresql_is_rehearsed(
    tmp_path: Path, databases: tuple[str, str]
) -> None:
    here, there = databases
    config = site_on(here, tmp_path / "server")
    ref = EvidenceRef(kind=EvidenceKind.SNAPSHOT, path="2027/a.jpg", sha256="a" * 64, bytes=9)
    with closing(Archive(here)) as archive:
        for seq in range(1, FIRES + 1):
            message = fake_message(seq, event_id=f"event-{seq}", evidence=(ref,) * (seq == 1))
            archive.take_in(message, queued_at=NOW, now=NOW, camera=lambda _: None)
    key = tmp_path / "server" / "data" / "second-factor.key"
    key.parent.mkdir()
    key.write_text("a key")
    backups = tmp_path / "backups"
    backups.mkdir()
    done = subprocess.run(
        unit_line(config, backups), capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    (backup,) = backups.iterdir()
    assert re.fullmatch(r"\d{8}T\d{6}Z", backup.name)
    assert {one.name for one in backup.iterdir()} == {ARCHIVE, CONFIGURATION, INDEX, SEALS, KEYS}
    assert (backup / KEYS / key.name).read_text() == "a key"
    (told,) = map(json.loads, (backup / INDEX).read_text().splitlines())
    assert told == {"path": ref.path, "sha256": ref.sha256, "bytes": ref.bytes}

    run_restore(site_on(there, tmp_path / "other"), backup)
    assert counts(there) == counts(here)
    with closing(Archive(there)) as restored:
        assert restored.verify_chain().ok
        assert sum(one.detections for one in restored.alerts().items) == FIRES
