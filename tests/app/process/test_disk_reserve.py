"""The data disk fills up: the reserve is given up, and the embedded queue takes events again."""

import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis

from tests.conftest import WaitFor
from tests.small_disk import disk_of, fill
from thapcanh.app.process.disk_room import (
    RESERVE_FILE,
    DiskReserve,
    disks_of,
    is_exhausted,
    reserve_bytes,
)
from thapcanh.app.process.embedded_valkey import prepare, queue_dir
from thapcanh.app.supervisor.child import ChildSpec
from thapcanh.app.supervisor.supervisor import Supervisor
from thapcanh.config.site import QueueConfig, Site, SiteFacts


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of(24, tmp_path) as disk:
        yield disk


def add(url: str, number: int) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=5.0) as client:
            client.xadd("events", {"number": number, "body": "x" * 2000})
    except redis.RedisError:  # it ended, or starts again
        return False
    return True


def test_a_full_data_disk_does_not_end_alerting(small_disk: Path, wait_for: WaitFor) -> None:
    site = Site(site=SiteFacts(data_dir=small_disk))
    queue = prepare(queue_dir(site), small_disk / "run", site.queue)
    port = int(queue.url.rpartition(":")[2].partition("/")[0])
    spec = ChildSpec(name="queue", arguments=queue.arguments, stage=0, ready_port=port)
    reserve, stop = DiskReserve(small_disk), threading.Event()
    supervisor = Supervisor([spec], reserve.tend)
    thread = threading.Thread(target=supervisor.run, args=(stop,))
    thread.start()
    try:
        wait_for(lambda: add(queue.url, 0) and (small_disk / RESERVE_FILE).exists(), 20.0)
        ballast = fill(small_disk)
        for number in range(1, 100):  # each is acknowledged, if not at the first time
            wait_for(partial(add, queue.url, number), 20.0, f"event {number}")
        usage = shutil.disk_usage(small_disk)
        assert is_exhausted(small_disk, usage.free, usage.total)
        with redis.Redis.from_url(queue.url) as client:
            told = [int(entry[b"number"]) for _, entry in client.xrange("events")]
        assert sorted({*told}) == list(range(100))
        ballast.unlink()
        wait_for((small_disk / RESERVE_FILE).exists, 20.0, "the reserve again")
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize(
    ("is_held", "free_share", "held_after"),
    [
        (False, 0.16, True),  # room for it and for what is written meanwhile
        (False, 0.14, False),  # given up a moment ago: not made again at once
        (True, 0.02, True),
        (True, 0.01, False),
    ],
)
def test_when_the_reserve_is_given_up_and_made(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_held: bool,
    free_share: float,
    held_after: bool,
) -> None:
    total = 2_000_000
    disk = SimpleNamespace(total=total, used=0, free=int(total * free_share))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk)
    path = tmp_path / RESERVE_FILE
    if is_held:
        path.write_bytes(b"")
    DiskReserve(tmp_path).tend()
    assert path.exists() is held_after
    if held_after and not is_held:
        assert path.stat().st_blocks * 512 >= reserve_bytes(total) == 100_000


def test_a_disk_that_fails_does_not_end_the_supervisor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "posix_fallocate", fails)
    DiskReserve(tmp_path).tend()
    assert list(tmp_path.iterdir()) == []
    DiskReserve(tmp_path / "gone").tend()


def test_a_large_disk_keeps_a_quarter_of_a_gigabyte() -> None:
    assert reserve_bytes(4 * 10**12) == 256_000_000


def test_the_queue_may_stand_on_a_disk_of_its_own(small_disk: Path, tmp_path: Path) -> None:
    site = Site(
        site=SiteFacts(data_dir=tmp_path),
        queue=QueueConfig(embedded_dir=small_disk / "queue", embedded_max_mb=64),
    )
    prepare(queue_dir(site), tmp_path / "run", site.queue)
    assert queue_dir(site) == small_disk / "queue"
    written = (queue_dir(site) / "valkey.conf").read_text()
    assert f'dir "{small_disk / "queue"}"' in written
    assert "maxmemory 64mb" in written
    folders = [tmp_path, tmp_path / "nowhere", queue_dir(site), small_disk]
    assert disks_of(folders) == [tmp_path, queue_dir(site)]
