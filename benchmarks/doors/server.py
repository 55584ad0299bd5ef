"""`python -m benchmarks.doors.server FOLDER PORT OFFICERS FLOODERS`: the web face, real passwords.

A fresh SQLite archive with alerts, officers and a viewer of one agency, accounts of another, and a
registry with a technician; callers, a gateway, a unit and a panel (`outside`). Prints one line of
JSON with their cookies, the officers' alerts and how the others are reached when it listens, and
ends when its standard input does.
"""

import json
import sys
import threading
import time
from pathlib import Path

from cryptography.fernet import Fernet

from benchmarks.doors.outside import prepare, with_outside
from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.centre.web.application import create_app, prepare_routes
from thapcanh.app.centre.web.centre_services import CentreServices
from thapcanh.app.centre.web.server import Listen, serve
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.web_api.access.factor_secrets import FactorSecrets
from thapcanh.app.web_api.access.login_service import LoginService
from thapcanh.app.web_api.access.passwords.hasher import Passwords
from thapcanh.app.web_api.access.passwords.process import PasswordProcess
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.app.web_api.middleware.verified_sessions import COOKIE
from thapcanh.config.site import RegistryConfig, Site
from thapcanh.ingest.clock import SystemClock

ALERTS = 400
AGENCIES = {"officers": "bravo", "flooders": "alpha"}
PASSWORD = "a password of the benchmark"  # noqa: S105 of accounts that live for a minute


def main(folder: Path, port: int, officers: int, flooders: int) -> None:
    """Serve until the input ends."""
    archive = Archive(sqlite_url(folder / "archive.sqlite"))
    alerts = _fill(archive)
    site = SiteHolder(
        with_outside(Site(registry=RegistryConfig(source="database")), AGENCIES["officers"])
    )
    services = CentreServices(
        archive=archive,
        evidence=FolderStore(folder / "evidence"),
        site=site,
        cameras=CameraBoard(list, site, SystemClock()),
        clock=SystemClock(),
        bell=ChangeNotifier(),
        passwords=PasswordProcess(),
        web_dist=Path(__file__).resolve().parents[2] / "app" / "web_dist",
        factor_secrets=FactorSecrets(Fernet.generate_key()),
    )
    app = create_app(services)
    prepare_routes(app)
    counts = {"officers": officers, "flooders": flooders}
    hashed = Passwords().hashed(PASSWORD)
    cookies = {
        who: [
            _cookie(archive, app, (f"{who}-{number}", Role.OPERATOR, AGENCIES[who]), hashed)
            for number in range(count)
        ]
        for who, count in counts.items()
    }
    technician = ("technician", Role.TECHNICIAN, None)
    cookies["technicians"] = [_cookie(archive, app, technician, hashed)]
    viewer = ("viewer", Role.VIEWER, AGENCIES["officers"])
    cookies["viewers"] = [_cookie(archive, app, viewer, hashed)]
    doors = prepare(archive, site, folder, AGENCIES["officers"])
    stop = threading.Event()
    threading.Thread(target=_wait_for_end, args=(stop,), daemon=True).start()

    def ready(_: int) -> None:
        sys.stdout.write(json.dumps(cookies | {"alerts": alerts} | doors) + "\n")
        sys.stdout.flush()

    serve(app, Listen(host="127.0.0.1", port=port), stop, on_ready=ready)
    archive.close()


def _wait_for_end(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def _cookie(archive: Archive, app: object, who: tuple[str, Role, str | None], hashed: str) -> str:
    name, role, agency = who
    account = User(
        username=name,
        name=name,
        roles=frozenset({role}),
        locale="vi",
        password_hash=hashed,
        scope=EVERYTHING if agency is None else DataFilter(agencies=frozenset({agency})),
        created_at=time.time(),
    )
    archive.save_user(account)
    sign_in = app.state.here.part(LoginService)  # type: ignore[attr-defined]
    return f"{COOKIE}={sign_in.admit(account, '127.0.0.1').token}"


def _fill(archive: Archive) -> list[str]:
    """Take alerts in; return those that the officers see."""
    seen = []
    for number in range(ALERTS):
        now = time.time()
        name = f"camera-{number}"
        event = fake_event(id=name, event_id=name, camera_id=name, captured_at=now, inferred_at=now)
        message = Message(
            event=event, source="bench", producer_epoch=1, producer_seq=number + 1, spooled_at=now
        )
        agency = tuple(AGENCIES.values())[number % len(AGENCIES)]
        facts = {name: CameraFacts(name=name, agency=agency)}
        taken = archive.take_in(message, queued_at=now, now=now, camera=facts.__getitem__)
        if agency == AGENCIES["officers"] and taken.alert_id is not None:
            seen.append(taken.alert_id)
    return seen


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
