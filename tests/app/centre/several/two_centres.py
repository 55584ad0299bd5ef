"""Two centres on one archive and one queue, and what sends events."""

import time
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from argon2 import PasswordHasher

from tests.alerts.queue.fake_events import fake_message
from tests.app.centre.several.centre_process import (
    CAMERAS,
    PASSWORD,
    CentreProcess,
    Officer,
    eventually,
)
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import encode
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.coordination.centres import living_centres
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.log_tables import alert_change, incident_change
from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.access.passwords.hasher import Passwords


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

    def both_run(self, *, in_turn: bool = False) -> tuple[CentreProcess, CentreProcess]:
        """Start both; return the one that leads, and the other.

        `in_turn`: the second finds compiled what the first has imported.
        """
        for centre in self.centres:
            centre.begin()
            if in_turn:
                eventually(centre.answers, "the centre answers", within_s=300)
        for centre in self.centres:
            eventually(centre.answers, "the centre answers", within_s=300)
        first = eventually(self.leader, "one leads")
        return first, next(one for one in self.centres if one is not first)
