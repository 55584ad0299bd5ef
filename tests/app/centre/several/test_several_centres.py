"""Two centre processes on one archive: one is killed, and no officer loses or doubles anything."""

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from alerts.accounts.account_records import User
from alerts.lifecycle.archive import Archive
from alerts.queue.fake_events import fake_message
from alerts.queue.message import encode
from alerts.queue.queue import EventQueue
from alerts.store.coordination.centres import expected_centres, living_centres
from alerts.store.database import Database
from alerts.store.log_tables import alert_change, incident_change
from alerts.store.roles import Role
from app.web_api.access.passwords.hasher import Passwords
from tests.alerts.conftest import PostgresServer, QueueServer, queue_binaries
from tests.app.centre.several.centre_process import (
    CAMERAS,
    PASSWORD,
    CentreProcess,
    Officer,
    Screen,
    eventually,
    proxy,
)
from tests.patience import PATIENCE_S


class Site:
    """Two centres, the queue and archive that they share, and what sends events."""

    def __init__(self, folder: Path, archive_url: str, queue_url: str) -> None:
        self.url = archive_url
        self.database = Database(archive_url)
        self.queue = EventQueue(queue_url)
        self.centres = [CentreProcess(folder / name, archive_url, queue_url) for name in ("a", "b")]
        self.sent = 0
        self._officers: list[Officer] = []

    def officer(self, urls: list[str], username: str = "admin") -> Officer:
        """Somebody who is logged in; raises `httpx.HTTPError` while nobody answers."""
        made = Officer(urls, username)
        self._officers.append(made)
        return made

    def close(self) -> None:
        for officer in self._officers:
            officer.http.close()
        for centre in self.centres:
            centre.kill()
        self.queue.close()
        self.database.close()

    def send(self, count: int) -> None:
        for _ in range(count):
            self.sent += 1
            message = fake_message(
                self.sent,
                id=f"m{self.sent}",
                event_id=f"e{self.sent}",
                camera_id=CAMERAS[self.sent % len(CAMERAS)],
                rule_id=f"fire-{self.sent}",
                zone_id=f"z{self.sent}",
                captured_at=time.time(),
                inferred_at=time.time(),
            )
            self.queue.add(encode(message))

    def add_colleague(self) -> str:
        with closing(Archive(self.url)) as archive:
            password = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
            colleague = User(
                username="binh",
                name="Bình",
                roles=frozenset({Role.OPERATOR}),
                locale="vi",
                password_hash=password.hashed(PASSWORD),
                created_at=time.time(),
            )
            archive.save_user(colleague)
        return colleague.username

    def fires(self) -> int:
        with self.database.reading() as connection:
            query = "SELECT count(*) FROM event WHERE source = 'worker-1'"
            return int(connection.exec_driver_sql(query).scalar_one())

    def all_seqs(self) -> list[int]:
        with self.database.reading() as connection:
            return sorted(
                seq
                for table in (alert_change, incident_change)
                for seq in connection.execute(sa.select(table.c.seq)).scalars()
            )

    def leader(self) -> CentreProcess | None:
        """The centre whose session holds the lock: told apart by its data folder's id."""
        leading = [one.name for one in living_centres(self.database) if one.leads]
        return next((one for one in self.centres if leading and one.name in leading), None)


@pytest.fixture
def site(postgres: PostgresServer, tmp_path: Path) -> Iterator[Site]:
    url = postgres.new_database()
    queue = QueueServer(next(iter(queue_binaries().values())), tmp_path / "queue")
    queue.start()
    made = Site(tmp_path, url, queue.url)
    try:
        yield made
    finally:
        made.close()
        queue.stop()
        postgres.drop(url)


def test_a_killed_centre_costs_its_screens_a_reconnect_and_nothing_else(
    site: Site, tmp_path: Path
) -> None:
    for centre in site.centres:
        centre.begin()
    for centre in site.centres:
        eventually(centre.answers, "the centre answers")
    first = eventually(site.leader, "one leads")
    other = next(one for one in site.centres if one is not first)
    with ExitStack() as stack:
        urls = stack.enter_context(proxy(tmp_path, site.centres))
        eventually(lambda: site.officer(urls), "the proxy answers")
        screens = [Screen(site.officer(urls)) for _ in range(4)]
        for screen in screens:
            screen.start()
            stack.callback(screen.stop)
        for centre in site.centres:  # first of all: then no stream is waited for
            stack.callback(centre.kill)
        eventually(lambda: all(one.opened for one in screens), "every screen has its stream")
        before = site.all_seqs()[-1] if site.all_seqs() else 0
        site.send(20)
        eventually(lambda: site.fires() == 20, "the leader stores")
        sending = threading.Thread(target=site.send, args=(60,))
        sending.start()
        first.kill()
        killed_at = time.monotonic()
        sending.join()
        eventually(lambda: site.fires() == 80, "the other one goes on storing")
        assert eventually(site.leader, "one leads again") is other
        _each_change_once(site, screens, before)
        cut = [one for one in screens if one.opened > 1]
        assert cut, "no screen was on the centre that was killed"
        print("reconnected after", [round(one.heard_at - killed_at, 2) for one in cut])  # noqa: T201
        _commands_on_either(site, urls, first, other)


def _each_change_once(site: Site, screens: list[Screen], before: int) -> None:
    def complete() -> bool:
        last = site.all_seqs()[-1]
        return all(one.seqs() and one.seqs()[-1] == last for one in screens)

    eventually(complete, "every screen has the newest change")
    expected = [seq for seq in site.all_seqs() if seq > before]
    for screen in screens:
        told = [seq for seq in screen.seqs() if seq > before]
        assert told == expected[: len(told)]
        assert screen.gaps == 0


def _commands_on_either(
    site: Site, urls: list[str], first: CentreProcess, other: CentreProcess
) -> None:
    """The killed one comes back: a command on one is seen on the other, and one of two wins."""
    first.begin()
    eventually(first.answers, "it came back")
    officer, colleague = site.officer(urls), site.officer([other.url], site.add_colleague())
    seen = Screen(site.officer([other.url]))
    seen.start()
    eventually(lambda: seen.opened, "a stream of the other centre")
    try:
        one, two = [alert for alert in officer.alerts() if alert["state"] == "new"][:2]
        assert officer.act(first.url, one, "acknowledge", "k1").status_code == 200
        eventually(
            lambda: any(
                change.get("alert", {}).get("id") == one["id"]
                and change["alert"]["state"] == "acknowledged"
                for _, change in list(seen.changes)
            ),
            "the acknowledgement is told by the other centre",
        )
        again = officer.act(other.url, one, "acknowledge", "k1")  # the same command, sent again
        assert again.status_code == 200
        barrier = threading.Barrier(2)

        def at_once(url: str, who: Officer, key: str) -> int:
            barrier.wait(PATIENCE_S)
            return who.act(url, two, "acknowledge", key).status_code

        with ThreadPoolExecutor(2) as pool:
            asked = [
                pool.submit(at_once, first.url, officer, "k2"),
                pool.submit(at_once, other.url, colleague, "k3"),
            ]
            codes = sorted(each.result(PATIENCE_S) for each in asked)
        assert codes[0] == 200
        assert codes[1] in (409, 412)
    finally:
        other.kill()
        seen.stop()


def test_a_leader_that_stands_still_is_replaced_and_does_not_act_when_it_goes_on(
    site: Site,
) -> None:
    for centre in site.centres:
        centre.begin()
    for centre in site.centres:
        eventually(centre.answers, "the centre answers")
    first = eventually(site.leader, "one leads")
    other = next(one for one in site.centres if one is not first)
    first.send_signal(signal.SIGSTOP)
    site.send(10)
    eventually(lambda: site.leader() is other, "PostgreSQL ends the silent session")
    eventually(lambda: site.fires() == 10, "the other one stores")
    first.send_signal(signal.SIGCONT)
    site.send(10)
    eventually(lambda: site.fires() == 20, "all is stored")
    eventually(lambda: len(living_centres(site.database)) == 2, "it takes part again")
    assert site.leader() is other


def test_a_standby_that_is_killed_is_an_alarm_on_the_screens(site: Site) -> None:
    for centre in site.centres:
        centre.begin()
    first = eventually(site.leader, "one leads")
    other = next(one for one in site.centres if one is not first)
    eventually(lambda: len(expected_centres(site.database)) == 2, "both are expected")
    other.kill()

    def lost() -> list[str]:
        with site.database.reading() as connection:
            query = "SELECT camera_id FROM alert WHERE kind = 'centre_lost'"
            return list(connection.exec_driver_sql(query).scalars())

    (told,) = eventually(lost, "the other one's death is told")
    assert other.name in told
