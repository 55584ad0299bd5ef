"""What is installed on servers is right as far as it can be told without a server."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import log_key_of

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service")) + sorted(
    (DEPLOY / "systemd").glob("*.timer")
)
LONG_RUNNING = (
    "thapcanh.service", "thapcanh-centre.service", "thapcanh-worker@.service",
    "thapcanh-head.service", "thapcanh-node.service",
)  # fmt: skip


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed here")
    for unit in UNITS:  # the program is not installed where it will be
        text = unit.read_text(encoding="utf-8").replace("/opt/thapcanh/bin/thapcanh", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    words = [analyze, "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    ours = [line for line in done.stderr.splitlines() if "thapcanh" in line]
    assert (done.returncode, ours) == (0, [])


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_a_unit_may_do_little_and_comes_back_for_ever(name: str) -> None:
    lines = (DEPLOY / "systemd" / name).read_text(encoding="utf-8").splitlines()
    assert {
        "User=thapcanh", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=",
        "SystemCallFilter=@system-service", "Restart=always", "StartLimitIntervalSec=0",
    } <= set(lines)  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_crash_left_the_memory_with_its_secrets_on_the_disk(unit: Path) -> None:
    lines = unit.read_text(encoding="utf-8").splitlines()
    assert ("LimitCORE=0" in lines) == (unit.suffix == ".service")


def test_no_process_of_ours_leaves_its_memory_however_it_was_started() -> None:
    asked = "import resource; from thapcanh.app.cli.main import main; main(['version'])"
    asked += "; print(resource.getrlimit(resource.RLIMIT_CORE))"
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, cwd=DEPLOY.parent, check=True
    )
    assert done.stdout.splitlines()[-1] == "(0, 0)"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_only_the_data_folder_must_be_mounted(unit: Path) -> None:
    """A share that is required keeps the whole watch from starting, and ends it when it goes."""
    required = ("RequiresMountsFor=", "Requires=", "BindsTo=", "Requisite=", "AssertPath")
    lines = unit.read_text(encoding="utf-8").splitlines()
    found = {line for line in lines if line.startswith(required)}
    if unit.name == "thapcanh-backup.service":  # no watch ends with it
        assert found == {"RequiresMountsFor=/var/lib/thapcanh /var/backups/thapcanh"}
    else:
        assert found <= {"RequiresMountsFor=/var/lib/thapcanh"}


def test_the_sites_start_loads_where_its_secrets_are(tmp_path: Path) -> None:
    text = (DEPLOY / "site" / "thapcanh.toml").read_text(encoding="utf-8")
    for name in ("queue_password", "archive_password"):
        secret = tmp_path / name
        secret.write_text("hush\n", encoding="utf-8")
        secret.chmod(0o600)
        text = text.replace(f"/run/secrets/{name}", str(secret))
    path = tmp_path / "thapcanh.toml"
    path.write_text(text, encoding="utf-8")
    loaded = load_site(path, environ={})
    assert loaded.problems == ()
    site = loaded.site_or_raise()
    assert site.centre.behind_tls
    assert site.centre.host == "127.0.0.1"
    key = log_key_of(site)
    assert key is not None, "an archive on PostgreSQL is signed only with a key that is named"
    assert key.parent == site.site.data_dir, "a disk that the database's server does not read"


def test_containers_open_no_port_and_hold_no_right() -> None:
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert all("ports" not in service for service in services.values())
    workers = [service for name, service in services.items() if name.startswith("worker-")]
    for number, worker in enumerate(workers):
        assert worker["command"][-4:] == ["--index", str(number), "--of", str(len(workers))]
    for service in (*workers, services["centre"]):
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        assert service["ulimits"] == {"core": 0}


def test_every_service_says_whether_it_is_well_and_the_replica_counts() -> None:
    """The replica was started and never waited for: what the primary's machine lost was lost."""
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    for name, service in compose["services"].items():
        assert service["healthcheck"]["test"], name
        if name.startswith("worker-") or name == "centre":
            assert service["depends_on"]["queue-replica"] == {"condition": "service_healthy"}
        if name.startswith("worker-"):
            beat = service["command"][service["command"].index("--beat") + 1]
            assert f"'{beat}'" in service["healthcheck"]["test"][-1]
            assert any(beat.startswith(place) for place in service["tmpfs"])
    site = tomllib.loads((DEPLOY / "site" / "thapcanh.toml").read_text(encoding="utf-8"))
    assert site["queue"]["replicas"] == 1


@pytest.mark.parametrize("name", ["valkey.conf", "valkey-replica.conf"])
def test_the_queue_keeps_what_it_confirmed(name: str) -> None:
    text = (DEPLOY / "queue" / name).read_text(encoding="utf-8")
    for line in ("appendonly yes", "appendfsync always", "maxmemory-policy noeviction"):
        assert re.search(rf"(?m)^{line}$", text), line


def test_the_sample_queue_took_memory_until_the_kernel_ended_it() -> None:
    """The replica holds what the primary holds: with less it would end the sooner."""
    limits = []
    for name in ("valkey.conf", "valkey-replica.conf"):
        text = (DEPLOY / "queue" / name).read_text(encoding="utf-8")
        limits += re.findall(r"(?m)^maxmemory (\d+)gb$", text)
    assert len(limits) == 2
    assert int(limits[1]) >= int(limits[0]) > 0


def test_haproxy_reads_its_file(tmp_path: Path) -> None:
    haproxy = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
    if haproxy is None:
        pytest.skip("haproxy is not installed here")
    text = (DEPLOY / "haproxy" / "thapcanh.cfg").read_text(encoding="utf-8")
    config = tmp_path / "haproxy.cfg"  # without the certificate, which a site has
    config.write_text(text.replace(" ssl crt /etc/thapcanh/tls/", ""), encoding="utf-8")
    words = [haproxy, "-c", "-f", str(config)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "ALERT" in done.stderr) == (0, False), done.stderr


def test_an_archive_in_postgresql_is_backed_up_by_the_same_unit_and_timer() -> None:
    unit = (DEPLOY / "systemd" / "thapcanh-backup.service").read_text(encoding="utf-8")
    assert "thapcanh backup -c /etc/thapcanh/thapcanh.toml" in unit
    after = re.search(r"(?m)^After=(.*)$", unit)
    assert after is not None
    assert "thapcanh-centre.service" in after[1].split()
    told = (DEPLOY.parent / "docs" / "servers.md").read_text(encoding="utf-8")
    chapter = told.partition("\n## Backup\n")[2].partition("\n## ")[0]
    assert "thapcanh-backup.timer" in chapter
    assert "PostgreSQL" in chapter
    assert "pg_dump" not in chapter
