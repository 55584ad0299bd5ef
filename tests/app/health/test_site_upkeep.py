"""A backup that is old or failed, and a certificate near its end, are alerts of the watch."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.app.cli.backup import run_backup
from thapcanh.app.health.health_monitor import HealthMonitor
from thapcanh.app.health.site_upkeep import BACKUP_LATE_S, SiteUpkeep
from thapcanh.app.site.backup_record import read_backups
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.config.site import CentreConfig, Site
from thapcanh.detection.event import EventPhase

DAY_S = 86_400.0
Told = list[tuple[str, int, EventPhase, str]]


class Watch:
    """Rounds of the health checks at chosen moments."""

    def __init__(self, site: Site, began_at: float, timer: Path) -> None:
        self._upkeep = SiteUpkeep(lambda: site, began_at, timer)
        self._monitor = HealthMonitor()

    def told(self, at: float) -> Told:
        events = []
        for moment in (at, at + 10.0, at + 20.0):  # longer than any of them waits
            events += self._monitor.judge(self._upkeep.findings(moment), moment)
        return [(one.rule_id, one.priority, one.phase, one.reason) for one in events]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    Archive(sqlite_url(tmp_path / "data" / "archive.sqlite")).close()
    path = tmp_path / "thapcanh.toml"
    path.write_text('[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://10.0.0.1/a"\n')
    return path


@pytest.fixture
def site(config: Path) -> Site:
    found = load_site(config).site
    assert found is not None
    return found


def made_at(site: Site) -> float:
    record = read_backups(site_paths_of(site).backup_record)
    assert record is not None
    assert record.made_at is not None
    return record.made_at


def test_a_backup_that_failed_is_told_until_one_is_made(
    config: Path, site: Site, tmp_path: Path
) -> None:
    """It was a line in the journal alone."""
    assert run_backup(config, tmp_path / "first") == 0
    began_at = made_at(site)
    watch = Watch(site, began_at, tmp_path / "no-timer")
    assert watch.told(began_at) == []
    (tmp_path / "a-file").touch()
    assert run_backup(config, tmp_path / "a-file" / "second") == 1
    ((rule, _, phase, reason),) = watch.told(began_at + 100)
    assert (rule, phase) == ("backup_failed", EventPhase.RAISED)
    assert reason.startswith("the last backup failed: ")
    assert "a-file" in reason
    assert made_at(site) == began_at  # of the whole one
    assert run_backup(config, tmp_path / "third") == 0
    told = watch.told(began_at + 200)
    assert told == [("backup_failed", 2, EventPhase.CLEARED, "backup made")]


def test_a_backup_that_is_old_is_told(config: Path, site: Site, tmp_path: Path) -> None:
    assert run_backup(config, tmp_path / "first") == 0
    at = made_at(site)
    watch = Watch(site, at + 40 * 3600, tmp_path / "no-timer")
    assert watch.told(at + BACKUP_LATE_S - 60) == []
    late = watch.told(at + 48 * 3600)
    assert late == [("backup_late", 2, EventPhase.RAISED, "no backup was made for 48 hours")]


def test_a_timer_whose_backups_never_came_is_told(site: Site, tmp_path: Path) -> None:
    """The unit that cannot start writes nothing at all."""
    timer = tmp_path / "stamp"
    watch = Watch(site, 0.0, timer)
    assert watch.told(BACKUP_LATE_S + 100) == []  # a site that makes none
    timer.touch()
    ((rule, _, phase, _),) = watch.told(BACKUP_LATE_S + 200)
    assert (rule, phase) == ("backup_late", EventPhase.RAISED)


def test_a_damaged_record_hides_nothing(config: Path, site: Site, tmp_path: Path) -> None:
    assert run_backup(config, tmp_path / "first") == 0
    site_paths_of(site).backup_record.write_text("{")
    watch = Watch(site, 0.0, tmp_path / "no-timer")
    assert [one[0] for one in watch.told(BACKUP_LATE_S + 100)] == ["backup_late"]


def certified(folder: Path, ends_at: float) -> Site:
    """A site whose centre serves a certificate that ends then."""
    end = datetime.fromtimestamp(ends_at, UTC)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "centre")])
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 1, end - timedelta(days=90), end
    ).sign(key, hashes.SHA256())
    path = folder / "certificate.pem"
    path.write_bytes(made.public_bytes(Encoding.PEM))
    return Site(centre=CentreConfig(certificate=path, key=folder / "key.pem"))


def test_a_certificate_near_its_end_is_told_and_at_last_louder(tmp_path: Path) -> None:
    end = 1_800_000_000.0
    watch = Watch(certified(tmp_path, end), 0.0, tmp_path / "no-timer")
    assert watch.told(end - 15 * DAY_S) == []
    assert watch.told(end - 13.5 * DAY_S) == [
        ("certificate_ending", 2, EventPhase.RAISED, "the site's certificate ends in 13 days")
    ]
    told = watch.told(end - 2.5 * DAY_S)
    assert ("certificate_ends_soon", 1, EventPhase.RAISED) in [one[:3] for one in told]
    over = Watch(certified(tmp_path, end), 0.0, tmp_path / "no-timer").told(end + 60)
    assert {one[3] for one in over} == {"the site's certificate has ended"}


def test_a_renewed_file_is_not_believed_before_a_restart(tmp_path: Path) -> None:
    """The server reads its certificate at the start only: browsers still get the old one."""
    end = 1_800_000_000.0
    watch = Watch(certified(tmp_path, end), 0.0, tmp_path / "no-timer")
    renewed = certified(tmp_path, end + 90 * DAY_S)
    assert [one[0] for one in watch.told(end - 10 * DAY_S)] == ["certificate_ending"]
    assert Watch(renewed, 0.0, tmp_path / "no-timer").told(end - 10 * DAY_S) == []
