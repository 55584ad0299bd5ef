"""The spool: nothing appended is lost, the numbering has no holes, damage never blocks."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.conftest import until as wait_until
from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.queue.message import decode
from thapcanh.alerts.queue.spool import OutboxItem, Spool, SpoolSettings
from thapcanh.alerts.store.errors import SpoolBroken, SpoolError, SpoolFull

NOW = 1_800_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool" / "worker-1.sqlite"


@pytest.fixture
def spool(path: Path) -> Iterator[Spool]:
    spool = Spool(path, "worker-1")
    yield spool
    spool.close()


def append(spool: Spool, count: int, first: int = 1) -> None:
    for seq in range(first, first + count):
        spool.append(fake_event(seq), NOW)


def seqs(spool: Spool) -> list[int]:
    return [seq for seq, _ in spool.oldest(1000)]


def test_events_come_back_in_order_with_their_numbers(spool: Spool) -> None:
    messages = [spool.append(fake_event(seq), NOW + seq) for seq in (1, 2, 3)]
    back = [decode(entry) for _, entry in spool.oldest()]
    assert back == messages
    assert [message.producer_seq for message in back] == [1, 2, 3]
    assert {message.producer_epoch for message in back} == {spool.epoch}


def test_a_restart_keeps_what_waits_and_goes_on_counting(path: Path) -> None:
    spool = Spool(path, "worker-1")
    append(spool, 3)
    epoch = spool.epoch
    spool.confirm([(1, "1-0"), (2, "2-0")], NOW)
    spool.close()
    again = Spool(path, "worker-1")
    try:
        assert (seqs(again), again.epoch, again.set_aside) == ([3], epoch, None)
        assert again.append(fake_event(4), NOW).producer_seq == 4
    finally:
        again.close()


def test_a_number_is_never_used_twice_even_when_all_rows_are_gone(path: Path) -> None:
    spool = Spool(path, "worker-1", settings=SpoolSettings(keep_confirmed_s=0))
    append(spool, 2)
    spool.confirm([(1, "1-0"), (2, "2-0")], NOW)
    spool.confirm([], NOW + 1)
    assert spool.confirmed() == []
    spool.close()
    again = Spool(path, "worker-1")
    assert again.append(fake_event(3), NOW).producer_seq == 3
    again.close()


def test_what_is_appended_survives_a_process_that_is_killed(path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from tests.alerts.queue.fake_events import fake_event\n"
        "from thapcanh.alerts.queue.spool import Spool\n"
        "spool = Spool(Path(sys.argv[1]), 'worker-1')\n"
        "[spool.append(fake_event(seq), 1.0) for seq in range(1, 8)]\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert done.returncode == -9
    spool = Spool(path, "worker-1")
    assert seqs(spool) == list(range(1, 8))
    spool.close()


def test_depth_counts_what_waits(spool: Spool) -> None:
    assert (spool.depth().count, spool.depth().oldest_at) == (0, None)
    spool.append(fake_event(1), NOW)
    spool.append(fake_event(2), NOW + 5)
    assert (spool.depth().count, spool.depth().oldest_at) == (2, NOW)
    spool.confirm([(1, "1-0")], NOW)
    assert (spool.depth().count, spool.depth().oldest_at) == (1, NOW + 5)


def test_confirmed_rows_stay_for_a_while_and_can_be_sent_again(spool: Spool) -> None:
    append(spool, 3)
    spool.confirm([(1, "1-0"), (2, "2-0")], NOW)
    assert spool.confirmed() == [(1, "1-0"), (2, "2-0")]
    spool.unconfirm([2])
    assert seqs(spool) == [2, 3]
    spool.confirm([], NOW + SpoolSettings().keep_confirmed_s - 1)
    assert spool.confirmed() == [(1, "1-0")]
    spool.confirm([], NOW + SpoolSettings().keep_confirmed_s + 1)
    assert spool.confirmed() == []


def test_the_age_of_a_confirmed_row_goes_on_after_a_restart(tmp_path: Path) -> None:
    """Another boot counts its seconds from elsewhere; what is kept is kept for time served."""
    keep_s = SpoolSettings().keep_confirmed_s
    for began_s, ran_s, kept in ((5_000.0, 10.0, 1), (3.0, keep_s - 1, 1), (9e6, keep_s + 2, 0)):
        spool = Spool(tmp_path / "spool.sqlite", "worker-1")
        if began_s == 5_000.0:
            append(spool, 1)
            spool.confirm([(1, "1-0")], began_s)
        spool.confirm([], began_s)
        spool.confirm([], began_s + ran_s)
        assert len(spool.confirmed()) == kept
        spool.close()


def test_what_is_stored_is_forgotten_and_keeps_its_number(spool: Spool) -> None:
    append(spool, 3)
    spool.confirm([(1, "1-0"), (2, "2-0"), (3, "3-0")], NOW)
    assert spool.oldest_confirmed() == [(1, "1-0"), (2, "2-0"), (3, "3-0")]
    spool.forget([1, 3])
    assert spool.confirmed() == [(2, "2-0")]
    assert spool.append(fake_event(4), NOW).producer_seq == 4


def test_appending_wakes_the_publisher(spool: Spool) -> None:
    spool.appended.clear()
    spool.append(fake_event(1), NOW)
    assert spool.appended.is_set()


def test_many_threads_append_without_a_hole(spool: Spool) -> None:
    threads = [
        threading.Thread(target=append, args=(spool, 10, 1 + 10 * number)) for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seqs(spool) == list(range(1, 41))


def test_a_full_spool_says_so_and_works_again_when_there_is_room(path: Path) -> None:
    spool = Spool(path, "worker-1", settings=SpoolSettings(max_bytes=1, keep_confirmed_s=0))
    with pytest.raises(SpoolFull, match="full") as caught:
        append(spool, 1000)
    assert caught.value.retry_helps
    taken = spool.depth().count
    assert 0 < taken < 1000
    assert seqs(spool) == list(range(1, taken + 1))
    spool.confirm([(seq, "1-0") for seq in range(1, taken + 1)], NOW)
    spool.confirm([], NOW + 1)
    assert spool.append(fake_event(1), NOW).producer_seq == taken + 1
    spool.close()


@pytest.mark.parametrize(
    "rubbish", [b"not a database " * 1000, b"SQLite format 3\x00" + b"\x07" * 9000]
)
def test_a_file_that_cannot_be_read_is_set_aside(path: Path, rubbish: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(rubbish)
    spool = Spool(path, "worker-1")
    try:
        assert spool.set_aside is not None
        assert spool.set_aside.read_bytes() == rubbish
        assert spool.append(fake_event(1), NOW).producer_seq == 1
    finally:
        spool.close()


def test_damage_while_running_costs_no_new_event(path: Path) -> None:
    spool = Spool(path, "worker-1")
    append(spool, 50)
    epoch = spool.epoch
    damage(path)
    message = spool.append(fake_event(51), NOW)
    assert spool.set_aside is not None
    assert spool.epoch > epoch
    assert [decode(entry) for _, entry in spool.oldest()] == [message]
    spool.close()


def damage(path: Path) -> None:
    """Make the tables unreadable behind the back of the open connection."""
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA user_version = 7")  # another writer: cached pages are read again
    raw.commit()
    raw.close()


def test_a_spool_that_cannot_be_made_says_where(tmp_path: Path) -> None:
    folder = tmp_path / "spool.sqlite"
    folder.mkdir()
    with pytest.raises(SpoolError, match=r"spool\.sqlite") as caught:
        Spool(folder, "worker-1")
    assert isinstance(caught.value, SpoolBroken)


def test_many_threads_that_append_at_once_share_a_sync(spool: Spool) -> None:
    written: list[int] = []
    original = spool._write_tickets

    def counted() -> None:
        written.append(1)
        original()

    spool._write_tickets = counted  # type: ignore[method-assign]
    returned: list[int] = []

    def append_one(number: int) -> None:
        returned.append(spool.append(fake_event(number), NOW).producer_seq)

    threads = [threading.Thread(target=append_one, args=(number,)) for number in range(1, 21)]
    with spool._lock:  # as while another thread waits for the disk
        for thread in threads:
            thread.start()
        wait_until(lambda: len(spool._tickets) == 20)
    for thread in threads:
        thread.join()
    assert sorted(returned) == seqs(spool) == list(range(1, 21))
    assert len(written) == 1


def test_events_are_appended_together_or_not_at_all(path: Path) -> None:
    spool = Spool(path, "worker-1", settings=SpoolSettings(max_bytes=100_000))
    drafts = [OutboxItem(event=fake_event(seq)) for seq in range(1, 400)]
    with pytest.raises(SpoolFull):
        spool.append_all(drafts, NOW)
    assert seqs(spool) == []
    assert [one.producer_seq for one in spool.append_all(drafts[:3], NOW)] == [1, 2, 3]
    assert [decode(entry).event for _, entry in spool.oldest()] == [one.event for one in drafts[:3]]
    spool.close()
