"""Two centres that are linked over real HTTP, each with its own archive, key, clock and desk."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.app.web_api.centre import Centre, Desk, serving
from tests.app.web_api.served_app import Served
from tests.made_archives import archive_at
from tests.patience import PATIENCE_S
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.incidents.records import Incident
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.links.link_records import Link
from thapcanh.alerts.links.link_store import LinkOwner, LinkRepository
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.roles import EVERYTHING, Actor, Role
from thapcanh.alerts.store.seals.log_signing import LogKey
from thapcanh.app.centre.web.server import Listen
from thapcanh.app.links.accepting import accept_link
from thapcanh.app.links.link_service import LinkService

ADMIN = Actor(username="quan", name="Quân", role=Role.ADMIN)


@dataclass
class LinkedSite:
    """One centre with its links at work; `kill` and `begin` are a process's end and start."""

    centre: Centre
    service: LinkService
    served: Served | None = None
    port: int = 0
    _running: ExitStack = field(default_factory=ExitStack)

    @property
    def links(self) -> LinkRepository:
        return LinkRepository(self.centre.archive.database)

    @property
    def link(self) -> Link:
        return self.links.all()[-1]

    @property
    def address(self) -> str:
        assert self.served is not None
        return self.served.address

    def begin(self) -> None:
        """Serve on the same port as before, and let the links work."""
        self.service = service_of(self.centre)
        self.centre.outside["links"] = self.service
        listen = Listen(host="127.0.0.1", port=self.port)
        self.served = self._running.enter_context(serving(self.centre, listen))
        self.port = int(self.served.address.rpartition(":")[2])
        self.service.start()
        self._running.callback(self.service.stop)

    def kill(self) -> None:
        """End the process; what is in the archive is all that is left."""
        self._running.close()
        self.served = None

    @contextmanager
    def desk(self, name: str = "an", role: Role = Role.OPERATOR) -> Iterator[Desk]:
        self.centre.add_user(name, role)
        with Desk(self.address) as desk:
            yield desk.log_in(name)

    def incident(self, incident_id: str) -> Incident:
        """Return an incident as the archive has it."""
        found = IncidentRepository(self.centre.archive.database).one(incident_id, EVERYTHING)
        assert found is not None
        return found

    def notes(self, incident_id: str) -> str:
        return " | ".join(one.words or "" for one in self.incident(incident_id).members)

    def worklist(self, desk: Desk) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = desk.get("/api/v1/worklist").json()["items"]
        return found


def service_of(centre: Centre) -> LinkService:
    return LinkService(
        centre.archive.database,
        centre.site,
        lambda: FolderStore(centre.evidence_root),
        centre.bell.notify,
        clock=centre.clock,
    )


def site_at(folder: Path, name: str, url: str | None = None) -> LinkedSite:
    """Make a centre with a key of its own; it does not run yet. Without a URL it has SQLite."""
    archive_at(folder / "archive.sqlite").close()
    address = url or sqlite_url(folder / "archive.sqlite")
    archive = Archive(address, log_key=LogKey(folder / "log.key"))
    centre = Centre(archive=archive, folder=folder)
    facts = centre.site().site.model_copy(update={"name": name})
    centre.site.replace(centre.site().model_copy(update={"site": facts}))
    return LinkedSite(centre=centre, service=service_of(centre))


def joined(upper: LinkedSite, lower: LinkedSite, owner: LinkOwner | None = None) -> None:
    """Invite and accept, as two administrators do."""
    code = upper.links.invite(ADMIN, upper.centre.clock.utc(), owner or LinkOwner())
    site = lower.centre.site()
    accept_link(lower.links, site, ADMIN, (upper.address, code), lower.centre.clock.utc())


@contextmanager
def two_sites(folder: Path) -> Iterator[tuple[LinkedSite, LinkedSite]]:
    """Yield the upper and the lower site, linked and at work."""
    with sites(folder, "Thành phố", "Phường Hoàn Kiếm") as (upper, lower):
        joined(upper, lower)
        yield upper, lower


@contextmanager
def sites(folder: Path, *names: str, url: str | None = None) -> Iterator[list[LinkedSite]]:
    """Yield running sites that are not linked; a URL is the first one's database."""
    made = [
        site_at(folder / str(number), name, None if number else url)
        for number, name in enumerate(names)
    ]
    try:
        for one in made:
            one.begin()
        yield made
    finally:
        for one in made:
            one.kill()
            one.centre.archive.close()


def awaited(read: Callable[[], Any], what: str = "") -> Any:
    """Return what `read` returns once it is true."""
    until = time.monotonic() + PATIENCE_S
    while not (found := read()):
        assert time.monotonic() < until, f"it did not come: {what}"
        time.sleep(0.05)
    return found
