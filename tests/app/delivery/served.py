"""A delivery service with real receivers, as the tests of this folder use it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.alerts.delivery.target_of_table import target_of_table
from tests.app.delivery.receiver import SECRET, Receiver
from tests.app.web_api.centre import Centre
from tests.patience import patient
from thapcanh.alerts.delivery.outbox.deliveries import DeliveryRepository
from thapcanh.alerts.delivery.outbox.records import DeliveryQuery
from thapcanh.alerts.delivery.sender import SiteVoice
from thapcanh.alerts.health.status import UnlistedAlarm
from thapcanh.alerts.store.roles import Actor, Role
from thapcanh.app.delivery.mail_pictures import MailPictures
from thapcanh.app.delivery.person_message import person_message
from thapcanh.app.delivery.service import DeliveryService, ServiceSettings
from thapcanh.app.delivery.target_worker import WorkerSettings
from thapcanh.app.positions.position_service import PositionService
from thapcanh.app.signals.signal_service import SignalService
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.config.targets import TargetConfig
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.clock import SystemClock

SOON = Backoff(first_s=0.01, longest_s=0.05)
QUICK = WorkerSettings(look_s=0.01, backoff=SOON, silent_backoff=SOON)
ROUNDS = ServiceSettings(route_s=0.02, escalate_s=0.05, test_s=0.05, states_s=0.05)
VOICE = SiteVoice(site_name="Trung tâm Hà Nội", message=person_message)
ADMIN = Actor(username="quan", name="Quân", role=Role.ADMIN)


def target(receiver: Receiver, id_: str = "pccc", **changes: Any) -> TargetConfig:
    facts: dict[str, Any] = {
        "id": id_,
        "kind": "webhook",
        "url": SecretUrl(receiver.url),
        "secret": SECRET,
        "timeout_s": 1.0,
    }
    return target_of_table(facts | changes)


@contextmanager
def served(
    centre: Centre,
    *targets: TargetConfig,
    signals: SignalService | None = None,
    positions: PositionService | None = None,
    pictures: Callable[[Site], MailPictures] | None = None,
    worker: WorkerSettings = QUICK,
    leads: Callable[[], bool] = lambda: True,
    unlisted: Callable[[], Sequence[UnlistedAlarm]] = tuple,
) -> Iterator[DeliveryService]:
    site = centre.site().model_copy(update={"targets": targets})
    centre.site.replace(site)
    service = DeliveryService(
        centre.archive.database,
        centre.site,
        centre.bell,
        signals=signals,
        positions=positions,
        pictures=pictures,
        clock=SystemClock(),
        worker=worker,
        settings=ROUNDS,
        leads=leads,
        unlisted=unlisted,
    )
    service.start()
    try:
        yield service
    finally:
        service.stop()


def log_of(centre: Centre, **wanted: Any) -> list[Any]:
    return DeliveryRepository(centre.archive.database).page(DeliveryQuery(**wanted))


def until(condition: Callable[[], Any], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + patient(within_s)
    while not condition():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.01)


def alerts_of(receiver: Receiver) -> list[dict[str, Any]]:
    return [one for one in receiver.unique() if one["subject"].startswith("alert/")]


def act(centre: Centre, alert_id: str, action: str) -> None:
    from uuid6 import uuid7

    from thapcanh.alerts.alert.records import CommandRequest
    from thapcanh.alerts.store.roles import AlertAction

    version = centre.archive.alert(alert_id)
    assert version is not None
    order = CommandRequest(
        alert_id=alert_id,
        action=AlertAction(action),
        actor=Actor(username="an", name="An", role=Role.LEADER),
        expected_version=version.version,
        idempotency_key=str(uuid7()),
    )
    assert centre.archive.command(order, centre.clock.at).outcome.value == "done"
    centre.bell.notify()
