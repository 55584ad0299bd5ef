"""A centre answers while it starts: what it does, how far it is; and it ends when it is to."""

import gzip
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.alerts.store.small_archive import ARCHIVES
from tests.patience import PATIENCE_S
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.schema_version import newest_revision
from thapcanh.app.cli.main import main
from thapcanh.app.process.free_port import free_port

OLDEST = "0010_evidence_gone"
COPIES = 3000  # of each alert's row in the log of changes: an upgrade of some seconds


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A site whose archive is of the oldest schema, and whose queue answers nobody."""
    (tmp_path / "data").mkdir()
    packed = (ARCHIVES / f"{OLDEST}.sqlite.gz").read_bytes()
    archive_of(tmp_path).write_bytes(gzip.decompress(packed))
    path = tmp_path / "thapcanh.toml"
    path.write_text(
        f'[site]\ndata_dir = "{tmp_path}/data"\n[centre]\nport = {free_port()}\n'
        f'[queue]\nurl = "redis://127.0.0.1:{free_port()}/0"\n'
        '[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://127.0.0.1:9/a"\n',
        encoding="utf-8",
    )
    return path


def archive_of(folder: Path) -> Path:
    return folder / "data" / "archive.sqlite"


def url_of(config: Path) -> str:
    (line,) = (one for one in config.read_text(encoding="utf-8").splitlines() if "port" in one)
    return f"http://127.0.0.1:{line.rpartition(' ')[2]}"


@contextmanager
def held_archive(path: Path) -> Iterator[None]:
    """Let nobody write to it: whoever opens it waits."""
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("PRAGMA journal_mode = WAL")
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")


@contextmanager
def centre(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-P", "-m", "thapcanh", "centre", "-c", str(config)]
    with subprocess.Popen(command) as process:
        try:
            yield process
        finally:
            process.kill()


def get(url: str) -> httpx.Response:
    return httpx.get(url, headers={"Accept-Language": "en"}, timeout=30.0, trust_env=False)


def answered(url: str, status: str) -> None:
    """Wait until `/readyz` says so; a whole program is loaded meanwhile."""
    until = time.monotonic() + 3 * PATIENCE_S
    while time.monotonic() < until:
        try:
            if get(f"{url}/readyz").json()["status"] == status:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"never {status}")


def test_a_centre_says_what_it_does_from_its_first_seconds_until_it_serves(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was silent until the archive was open: nobody could tell it from a dead one."""
    url = url_of(config)
    with centre(config) as process:
        with held_archive(archive_of(config.parent)):
            answered(url, "centre_opening")
            check_what_is_said(url)
            main(["status", "-c", str(config)])
            assert "! centre: " in capsys.readouterr().out
        answered(url, "queue_unavailable")
        assert get(f"{url}/login").status_code != 503 or "khởi động" not in get(url).text
        assert (config.parent / "data" / "run" / "centre.beat").read_bytes() == b""
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    archive = Archive(sqlite_url(archive_of(config.parent)))
    assert archive.verify_chain().ok
    archive.close()


def check_what_is_said(url: str) -> None:
    assert get(f"{url}/healthz").json() == {"status": "centre_opening"}
    doing = get(f"{url}/readyz").json()["doing"]
    assert doing["vi"].startswith("Trung tâm đang ")
    assert doing["en"].startswith("The centre is ")
    page = get(f"{url}/login")
    assert page.status_code == 503
    assert "Trung tâm đang khởi động" in page.text
    assert "The centre is starting" in page.text
    assert page.headers["Retry-After"]
    assert "default-src" in page.headers["Content-Security-Policy"]
    refusal = get(f"{url}/api/v1/alerts")
    assert refusal.status_code == 503
    assert refusal.json()["error"] == "centre_opening"
    assert refusal.json()["detail"].startswith("The centre is ")


def test_a_centre_that_is_to_end_in_an_upgrade_leaves_the_archive_as_it_was(config: Path) -> None:
    grown(archive_of(config.parent))
    beat = config.parent / "data" / "run" / "centre.beat"
    with centre(config) as process:
        until = time.monotonic() + 3 * PATIENCE_S
        while not is_upgrading(beat):
            assert time.monotonic() < until, "the upgrade never began"
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    with closing(sqlite3.connect(archive_of(config.parent))) as archive:
        (revision,) = archive.execute("SELECT version_num FROM alembic_version").fetchone()
    assert revision in (OLDEST, newest_revision())
    assert revision == OLDEST, "the upgrade was over before it was told to end: make it longer"


def is_upgrading(beat: Path) -> bool:
    try:
        return bool(json.loads(beat.read_text(encoding="utf-8"))["step"] == "upgrade")
    except (OSError, ValueError):
        return False


def grown(path: Path) -> None:
    """Give the archive so many rows that its upgrade takes a while."""
    with closing(sqlite3.connect(path)) as archive:
        names = [row[1] for row in archive.execute("PRAGMA table_info(alert_change)")]
        others = ", ".join(name for name in names if name != "seq")
        archive.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COPIES})"  # noqa: S608
            f" INSERT INTO alert_change (seq, {others})"
            f" SELECT 1000000 + i * 1000 + seq, {others} FROM alert_change, n"
        )
        archive.commit()
