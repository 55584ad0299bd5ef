"""The web face of a centre on a port of this machine, in this process, asked by a technician."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet

from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.roles import EVERYTHING, Role
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.centre.web.application import create_app
from thapcanh.app.centre.web.centre_services import CentreServices
from thapcanh.app.centre.web.server import Listen, serve
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.web_api.access.factor_secrets import FactorSecrets
from thapcanh.app.web_api.access.login_service import LoginService
from thapcanh.app.web_api.access.passwords.hasher import Passwords
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.app.web_api.middleware.verified_sessions import COOKIE
from thapcanh.config.site import Site
from thapcanh.ingest.clock import SystemClock


@contextmanager
def served(archive: Archive, site: Site, queue: EventQueue | None = None) -> Iterator[httpx.Client]:
    """Who asks is logged in; the workers' words come from `queue`. It ends with the block."""
    holder = SiteHolder(site)
    context = CentreServices(
        archive=archive,
        evidence=FolderStore(Path(os.devnull)),
        site=holder,
        cameras=CameraBoard(queue.worker_states if queue else list, holder, SystemClock()),
        read_listed_figures=queue.listed_figures if queue else lambda _: (),
        clock=SystemClock(),
        bell=ChangeNotifier(),
        web_dist=Path(os.devnull),
        factor_secrets=FactorSecrets(Fernet.generate_key()),
    )
    app, stop, ready = create_app(context), threading.Event(), threading.Event()
    ports: list[int] = []

    def on_ready(port: int) -> None:
        ports.append(port)
        ready.set()

    def run() -> None:
        serve(app, Listen(host="127.0.0.1", port=0), stop, on_ready=on_ready)

    thread = threading.Thread(target=run, name="web")
    thread.start()
    ready.wait(30)
    try:
        headers = {"Cookie": _session(archive, app)}
        address = f"http://127.0.0.1:{ports[0]}"
        with httpx.Client(base_url=address, headers=headers, timeout=120.0) as http:
            yield http
    finally:
        stop.set()
        thread.join(30)


def _session(archive: Archive, app: Any) -> str:
    user = User(
        username="technician", name="technician", roles=frozenset({Role.TECHNICIAN}), locale="vi",
        password_hash=Passwords().hashed("of a minute"), scope=EVERYTHING, created_at=time.time(),
    )  # fmt: skip
    archive.save_user(user)
    session = app.state.here.part(LoginService).admit(user, "127.0.0.1")
    return f"{COOKIE}={session.token}"
