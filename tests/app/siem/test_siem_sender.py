"""The action log reaches a SIEM whole: by TLS, through outages, in order, and nobody waits."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.app.siem.syslog_receiver import SyslogReceiver
from tests.ingest.sources.tls_camera import certificate
from tests.made_archives import archive_at
from tests.patience import PATIENCE_S
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.siem.siem_position import LogPosition, SiemPositionRepository
from thapcanh.alerts.store.audit_log import AuditEntry
from thapcanh.alerts.store.sealed_log import note_in_log
from thapcanh.app.health.health_monitor import HealthVerdict
from thapcanh.app.process.free_port import free_port
from thapcanh.app.siem.siem_sender import SiemSender
from thapcanh.config.servers.networks import NetworksConfig
from thapcanh.config.servers.siem import SiemConfig
from thapcanh.config.site import Site

RSYSLOG = shutil.which("rsyslogd", path="/usr/sbin:/usr/bin:/sbin")
OSSL_DRIVER = list(Path("/usr/lib").glob("**/rsyslog/lmnsd_ossl.so"))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = archive_at(tmp_path / "archive.sqlite")
    yield made
    made.close()


@contextmanager
def sending(archive: Archive, config: SiemConfig, **facts: Any) -> Iterator[SiemSender]:
    site = Site(siem=config, **facts.pop("site", {}))
    sender = SiemSender(archive.database, lambda: site, **{"settled_s": 0.3, **facts})
    sender.start()
    try:
        yield sender
    finally:
        sender.stop()


def act(archive: Archive, *numbers: int) -> None:
    for number in numbers:
        entry = AuditEntry(at=1e9, action="tried", object_id=f"thing-{number}", details={})
        note_in_log(archive.database, entry)


def until(found: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def numbers_of(messages: list[str]) -> list[int]:
    return [int(found[1]) for one in messages if (found := re.search(r" externalId=(\d+) ", one))]


def settled(archive: Archive, config: SiemConfig) -> int:
    return SiemPositionRepository(archive.database).position(config.receiver).seq


def test_the_log_arrives_whole_by_tls_through_the_receivers_death_and_ours(
    archive: Archive, tmp_path: Path
) -> None:
    pem = certificate(tmp_path)
    receiver = SyslogReceiver(pem)
    config = SiemConfig(url=f"tls://127.0.0.1:{receiver.port}", ca=pem)
    act(archive, *range(5))
    with sending(archive, config) as sender:
        until(lambda: settled(archive, config) == 5)
        receiver.die()
        act(archive, *range(5, 10))
        until(lambda: sender.error)
        assert sender.findings()[0].verdict is HealthVerdict.FAULT
        receiver.begin()
        until(lambda: settled(archive, config) == 10)
        until(lambda: sender.error is None)
        assert sender.findings()[0].verdict is HealthVerdict.FINE
    act(archive, 10)
    with sending(archive, config):
        until(lambda: settled(archive, config) == 11)
    receiver.die()
    found = numbers_of(receiver.got)
    assert list(dict.fromkeys(found)) == list(range(1, 12))
    assert found.count(1) == 1  # what was settled does not come again


def test_what_was_sent_into_a_dying_connection_comes_again(
    archive: Archive, tmp_path: Path
) -> None:
    """TCP takes what nobody will read: a position that moved with `send` lost it."""
    receiver = SyslogReceiver(None)
    config = SiemConfig(url=f"tcp://127.0.0.1:{receiver.port}")
    act(archive, 0)
    with sending(archive, config, settled_s=2.0):
        until(lambda: receiver.got)
        receiver.die()  # before it is settled
        lost = receiver.got.copy()
        receiver.got.clear()
        receiver.begin()
        until(lambda: settled(archive, config) == 1)
    assert numbers_of(lost) == numbers_of(receiver.got) == [1]
    receiver.die()


def test_a_stranger_gets_nothing_and_is_named(archive: Archive, tmp_path: Path) -> None:
    receiver = SyslogReceiver(certificate(tmp_path))
    other = certificate(tmp_path, host="127.0.0.2")
    act(archive, 0)
    url = f"tls://127.0.0.1:{receiver.port}"
    with sending(archive, SiemConfig(url=url, ca=other)) as sender:
        until(lambda: sender.error)
        assert "certificate is not trusted" in str(sender.error)
    outside = {"networks": NetworksConfig(servers=("10.9.0.0/16",))}
    with sending(archive, SiemConfig(url=url), site=outside) as sender:
        until(lambda: sender.error)
        assert "outside [networks] servers" in str(sender.error)
    with sending(archive, SiemConfig(url=url), leads=lambda: False) as sender:
        time.sleep(0.1)
        assert sender.error is None  # another centre sends
    assert receiver.got == []
    receiver.die()


def test_a_log_that_was_put_back_is_sent_from_its_beginning(archive: Archive) -> None:
    act(archive, 0, 1)
    positions = SiemPositionRepository(archive.database)
    positions.keep("tls://a:1", LogPosition(seq=2, hash="of another log"), 1.0)
    assert positions.position("tls://a:1").seq == 0
    right = positions.entries_after(1, 10)[0]
    positions.keep("tls://a:1", LogPosition(seq=2, hash=right.hash), 2.0)
    assert positions.position("tls://a:1").seq == 2
    assert positions.position("tls://b:1").seq == 0


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"url": "https://siem"}, "expected tls://HOST"),
        ({"url": "tls://"}, "expected tls://HOST"),
        ({"url": "tls://a:b@host"}, "expected tls://HOST"),
        ({"url": "udp://siem", "ca": "/a.pem"}, "need a url that begins with tls"),
        ({"url": "tls://siem", "key": "/a.pem"}, "go together"),
    ],
)
def test_a_wrong_setting_is_named(facts: dict[str, str], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        SiemConfig.model_validate(facts)


def test_ports_are_the_standards() -> None:
    found = [SiemConfig(url=f"{one}://siem").receiver for one in ("tls", "tcp", "udp")]
    assert found == ["tls://siem:6514", "tcp://siem:601", "udp://siem:514"]


_CONFIG = """
global(workDirectory="{folder}"
  defaultNetstreamDriverCAFile="{pem}" defaultNetstreamDriverCertFile="{pem}"
  defaultNetstreamDriverKeyFile="{pem}" maxMessageSize="16k")
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="{udp}" ruleset="kept")
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imtcp" address="127.0.0.1" port="{tls}" ruleset="kept")
template(name="parts" type="string"
  string="%pri% %timestamp:::date-rfc3339% %app-name% %msgid% %structured-data% %msg%\\n")
ruleset(name="kept") {{ action(type="omfile" file="{kept}" template="parts") }}
"""


@contextmanager
def rsyslog(folder: Path, config: str) -> Iterator[None]:
    (folder / "rsyslog.conf").write_text(config)
    command = [str(RSYSLOG), "-n", "-f", str(folder / "rsyslog.conf"), "-i", str(folder / "pid")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@pytest.mark.skipif(not (RSYSLOG and OSSL_DRIVER), reason="needs rsyslog and rsyslog-openssl")
def test_a_real_rsyslog_has_the_whole_log_through_its_outage(
    archive: Archive, tmp_path: Path
) -> None:
    pem, kept = certificate(tmp_path), tmp_path / "kept.log"
    tls, udp = free_port(), free_port()
    written = _CONFIG.format(folder=tmp_path, pem=pem, tls=tls, udp=udp, kept=kept)

    def lines() -> list[str]:
        return kept.read_text("utf-8").splitlines() if kept.exists() else []

    config = SiemConfig(url=f"tls://127.0.0.1:{tls}", ca=pem)
    act(archive, *range(400))
    with sending(archive, config) as sender:
        with rsyslog(tmp_path, written):
            until(lambda: settled(archive, config) == 400)
        act(archive, 400)
        until(lambda: sender.error)
        with rsyslog(tmp_path, written):
            until(lambda: settled(archive, config) == 401)
            until(lambda: 401 in numbers_of(lines()))
    assert list(dict.fromkeys(numbers_of(lines()))) == list(range(1, 402))
    assert re.match(
        r'109 2001-09-09T01:46:40\S+ thapcanh tried \[origin software="thapcanh" .*\] CEF:0\|Thap',
        lines()[0],
    )
    kept.unlink()
    with rsyslog(tmp_path, written):
        until(lambda: _is_heard(udp, lines))  # what is sent before it listens is lost
        with sending(archive, SiemConfig(url=f"udp://127.0.0.1:{udp}")):
            until(lambda: 1 in numbers_of(lines()))  # of a burst by UDP later ones may be lost


def _is_heard(port: int, lines: Callable[[], list[str]]) -> bool:
    """Whether a receiver keeps what is sent to it by UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaker:
        speaker.sendto(b"<109>1 2026-01-01T00:00:00Z here tried - - - hello", ("127.0.0.1", port))
    time.sleep(0.1)
    return bool(lines())
