"""A centre to be asked over HTTP: its archive, its site, its clock, and officers who log in."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from fastapi import FastAPI
from uuid6 import uuid7

from tests.app.web_api.made_reports import reports_of
from tests.app.web_api.served_app import ANY_PORT, Served, serving_app
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.evidence.stores.store import EvidenceStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef, Message
from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.alerts.store.coordination.centres import LivingCentre
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.centre.web.application import create_app
from thapcanh.app.centre.web.centre_services import CentreServices
from thapcanh.app.centre.web.server import Listen
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.app.stream.change_feed import ChangeFeedSettings
from thapcanh.app.web_api.access.factor_secrets import FactorSecrets
from thapcanh.app.web_api.access.passwords.hasher import PasswordChecker, Passwords
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Agency, Area, Site
from thapcanh.detection.event import Event, EventPhase

NOW = 1_795_570_000.0  # 2026-11-24
PASSWORD = "một mật khẩu dài"
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))  # slow elsewhere
_NO_TLS = httpx.create_ssl_context(verify=False)  # one of its own for each desk costs 6 ms
OFTEN = ChangeFeedSettings(heartbeat_s=0.05)


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def utc(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at

    def wait(self, event: Any, timeout_s: float) -> bool:
        raise NotImplementedError


def made_site() -> Site:
    def camera(name: str, area: str | None, agency: str | None) -> CameraConfig:
        source = SecretUrl(f"rtsp://viewer:topsecret@10.0.0.1/{name}")
        return CameraConfig(id=name, name=f"Camera {name}", source=source, area=area, agency=agency)

    return Site(
        agencies=(Agency(id="pc07", name="PCCC"), Agency(id="csgt", name="CSGT")),
        areas=(
            Area(id="hanoi", name="Hà Nội"),
            Area(id="hoan-kiem", name="Hoàn Kiếm", parent="hanoi"),
            Area(id="tay-ho", name="Tây Hồ", parent="hanoi"),
        ),
        cameras=(
            camera("cam-1", "hoan-kiem", "pc07"),
            camera("cam-2", "tay-ho", "csgt"),
            camera("cam-3", None, None),
        ),
    )


@dataclass
class Centre:
    """One centre's web face with everything behind it."""

    archive: Archive
    folder: Path
    clock: SetClock = field(default_factory=SetClock)
    bell: ChangeNotifier = field(default_factory=ChangeNotifier)
    site: SiteHolder = field(default_factory=lambda: SiteHolder(made_site()))
    workers: list[dict[str, Any]] = field(default_factory=list)
    feed: ChangeFeedSettings = OFTEN
    read_workers: Callable[[], list[dict[str, Any]]] | None = None
    store: EvidenceStore | None = None  # in place of the folder
    store_error: str | None = None
    living: Sequence[LivingCentre] = (LivingCentre(name="centre", leads=True),)
    queue_takes_none: bool = False
    passwords: PasswordChecker = CHEAP
    outside: dict[str, Any] = field(default_factory=dict)  # more of its services, by name
    factor_secrets: FactorSecrets = field(
        default_factory=lambda: FactorSecrets(Fernet.generate_key())
    )
    seq: int = 0

    def __post_init__(self) -> None:
        """Keep what is not told where to keep its data from sharing it with other tests."""
        site = self.site()
        if not site.site.data_dir.is_absolute():
            facts = site.site.model_copy(update={"data_dir": self.folder / "data"})
            self.site.replace(site.model_copy(update={"site": facts}))

    @property
    def evidence_root(self) -> Path:
        return self.folder / "evidence"

    @property
    def web_dist(self) -> Path:
        return self.folder / "web_dist"

    def services(self) -> CentreServices:
        return CentreServices(
            archive=self.archive,
            evidence=self.store or FolderStore(self.evidence_root),
            site=self.site,
            cameras=CameraBoard(self.reports, self.site, self.clock),
            clock=self.clock,
            bell=self.bell,
            web_dist=self.web_dist,
            docs_dist=self.folder / "docs_dist",
            factor_secrets=self.factor_secrets,
            host_names=frozenset({"canh.example"}),
            passwords=self.passwords,
            feed=self.feed,
            store_error=lambda: self.store_error,
            centres=lambda: self.living,
            queue_takes_none=lambda: self.queue_takes_none,
            **self.outside,
        )

    def reports(self) -> list[WorkerReport]:
        return reports_of(self.read_workers() if self.read_workers else self.workers)

    def app(self) -> FastAPI:
        return create_app(self.services())

    def add_user(self, name: str, *roles: Role, scope: DataFilter = EVERYTHING) -> None:
        self.archive.save_user(
            User(
                username=name,
                name=f"Đồng chí {name}",
                roles=frozenset(roles),
                locale="vi",
                password_hash=_password_hash(),
                scope=scope,
                created_at=NOW,
            )
        )

    def raise_alert(self, camera: str = "cam-1", kind: str = "fire", **changes: Any) -> str:
        """Take in an event as the consumer does, ring, and return the alert's id."""
        self.seq += 1
        facts: dict[str, Any] = {
            "id": str(uuid7()),
            "event_id": str(uuid7()),
            "phase": EventPhase.RAISED,
            "kind": kind,
            "camera_id": camera,
            "rule_id": f"{kind}-{self.seq}",
            "rule_version": 1,
            "zone_id": None,
            "priority": 2,
            "box": (0.1, 0.2, 0.3, 0.4),
            "confidence": 0.8,
            "label": kind,
            "track_id": 1,
            "model_name": "watch8n",
            "model_sha256": "0" * 64,
            "at_s": 1.0,
            "captured_at": self.clock.at - 2.0 + self.seq * 0.001,
            "inferred_at": self.clock.at - 1.9,
            "reason": "3 of 5 looks",
        }
        evidence = changes.pop("evidence", ())
        message = Message(
            event=Event(**(facts | {"zone_id": f"z{self.seq}"} | changes)),
            source="worker-0",
            producer_epoch=1,
            producer_seq=self.seq,
            spooled_at=self.clock.at - 1.5,
            evidence=evidence,
        )
        taken = self.archive.take_in(
            message, queued_at=self.clock.at - 1.0, now=self.clock.at, camera=self._facts
        )
        self.bell.notify()
        assert taken.alert_id is not None
        return taken.alert_id

    def file(self, name: str, content: bytes, kind: EvidenceKind) -> EvidenceRef:
        """Save a file of evidence and return what an event says of it."""
        path = self.evidence_root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        return EvidenceRef(kind=kind, path=name, sha256=sha256, bytes=len(content))

    def _facts(self, camera_id: str) -> CameraFacts | None:
        camera = self.site().camera(camera_id)
        if camera is None:
            return None
        return CameraFacts(
            name=camera.name, area=camera.area, agency=camera.agency,
            lat=camera.lat, lon=camera.lon,
        )  # fmt: skip


class Desk(httpx.Client):
    """A browser at a desk: keeps its cookie, sends its CSRF code and a fresh key."""

    def __init__(self, address: str) -> None:
        super().__init__(base_url=address, trust_env=False, timeout=60, verify=_NO_TLS)
        self.csrf = ""

    def log_in(self, username: str, password: str = PASSWORD, new: str | None = None) -> "Desk":
        body = {"username": username, "password": password, "new_password": new}
        answer = self.post("/api/v1/session", json=body)
        assert answer.status_code == 200, answer.text
        self.csrf = answer.json()["csrf"]
        return self

    def act(self, alert_id: str, action: str, version: int = 1, **options: Any) -> httpx.Response:
        headers = {
            "X-CSRF-Token": self.csrf,
            "Idempotency-Key": options.pop("key", str(uuid7())),
            "If-Match": str(version),
            **options.pop("headers", {}),
        }
        path = f"/api/v1/alerts/{alert_id}/{action}"
        return self.post(path, headers=headers, json=options or None)


def paired_wall(leader: Desk, address: str, name: str = "Phòng trực") -> Desk:
    """A wall that a leader let in by the digits it shows."""
    wall = Desk(address)
    asked = wall.post("/api/v1/walls/pairing").json()
    headers = {"X-CSRF-Token": leader.csrf}
    body = {"code": asked["code"], "name": name}
    approved = leader.post("/api/v1/walls", json=body, headers=headers)
    assert approved.status_code == 201, approved.text
    answer = wall.post("/api/v1/walls/session", json={"secret": asked["secret"]})
    assert answer.status_code == 200, answer.text
    wall.csrf = answer.json()["csrf"]
    return wall


@cache
def _password_hash() -> str:
    """One hash serves all users of all tests."""
    return CHEAP.hashed(PASSWORD)


@contextmanager
def serving(
    centre: Centre, listen: Listen = ANY_PORT, *, app: FastAPI | None = None
) -> Iterator[Served]:
    """Serve a centre until the block ends."""
    with serving_app(app or centre.app(), listen) as served:
        yield served
