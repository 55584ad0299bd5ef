"""The delivery log, targets, and what an admin may do, over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.alerts.delivery.target_of_table import target_of_table
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.delivery.attempt import Attempt, AttemptOutcome
from thapcanh.alerts.delivery.outbox.deliveries import DeliveryRepository
from thapcanh.alerts.delivery.outbox.records import TriedDelivery
from thapcanh.alerts.delivery.outbox.routing_store import RoutingStore
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.delivery.routing_tasks import RoutingTask
from thapcanh.app.delivery.target_health import LATE_S, TARGET_DEAD, TARGET_LATE, target_findings
from thapcanh.app.health.health_monitor import HealthVerdict
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.event import EventPhase

API = "/api/v1/deliveries"
SECRET = "một bí mật đủ dài"


@contextmanager
def one_dead(centre: Centre) -> Iterator[DeliveryRepository]:
    """A centre whose one target refused the alert of cam-1 and took none of the others."""
    target = target_of_table(
        {"id": "pccc", "name": "Trực ban PCCC", "kind": "webhook", "secret": SECRET,
         "url": SecretUrl("https://114.example/hook/topsecret?key=topsecret")}
    )  # fmt: skip
    centre.site.replace(centre.site().model_copy(update={"targets": (target,)}))
    database = centre.archive.database
    repository = DeliveryRepository(database)
    centre.raise_alert("cam-1")
    centre.raise_alert("cam-2")
    RoutingTask(RoutingStore(database), repository, centre.site).route(centre.clock.at)
    first = repository.due("pccc", centre.clock.at, 9)[0][0]
    refused = Attempt(outcome=AttemptOutcome.REFUSED, error="refuses", status=422)
    tried = TriedDelivery(id=first.id, attempt=refused, wait_s=0.0)
    repository.record([tried], centre.clock.at)
    yield repository


def test_the_log_is_read_by_target_state_and_scope(
    centre: Centre, desk_of: Callable[..., Desk]
) -> None:
    with one_dead(centre):
        admin = desk_of("quan", Role.ADMIN)
        items = admin.get(API).json()["items"]
        assert [one["state"] for one in items] == ["waiting", "dead"]
        (dead,) = admin.get(f"{API}?target=pccc&state=dead").json()["items"]
        assert (dead["error"], dead["status"], dead["attempts"]) == ("refuses", 422, 1)
        assert dead["number"].startswith("CB-")
        page = admin.get(f"{API}?limit=1").json()
        older = admin.get(f"{API}?limit=1&before={page['next']}").json()["items"]
        assert older == [dead]
        other = desk_of("tu", Role.TECHNICIAN, DataFilter(agencies=frozenset({"csgt"})))
        assert [one["state"] for one in other.get(API).json()["items"]] == ["waiting"]
        assert admin.get(f"{API}?state=lost").status_code == 422


def test_no_letter_of_an_event_is_between_two_pages(
    centre: Centre, desk_of: Callable[..., Desk]
) -> None:
    targets = tuple(
        target_of_table(
            {"id": f"t{number}", "kind": "webhook", "secret": SECRET,
             "url": SecretUrl(f"https://t{number}.example")}
        )
        for number in range(3)
    )  # fmt: skip
    centre.site.replace(centre.site().model_copy(update={"targets": targets}))
    database = centre.archive.database
    for camera in ("cam-1", "cam-2"):
        centre.raise_alert(camera)
    rounds = RoutingTask(RoutingStore(database), DeliveryRepository(database), centre.site)
    rounds.route(centre.clock.at)
    admin = desk_of("quan", Role.ADMIN)
    everything = [one["id"] for one in admin.get(API).json()["items"]]
    assert len(everything) == 6
    read, before = list[str](), ""
    for _ in range(len(everything)):
        page = admin.get(f"{API}?limit=2{before}").json()
        read += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert read == everything


def test_a_target_of_fires_hears_of_smoke_once_it_is_one(centre: Centre) -> None:
    """It never did: four fires of ten stayed smoke on the wire."""
    target = target_of_table(
        {"id": "fires", "kind": "webhook", "secret": SECRET, "kinds": ("fire",),
         "url": SecretUrl("https://fires.example")}
    )  # fmt: skip
    centre.site.replace(centre.site().model_copy(update={"targets": (target,)}))
    repository = DeliveryRepository(centre.archive.database)
    rounds = RoutingTask(RoutingStore(centre.archive.database), repository, centre.site)

    def told(kind: str, phase: EventPhase) -> list[tuple[str, str, str]]:
        same = {"event_id": "episode", "rule_id": "smoke", "zone_id": None}
        centre.raise_alert("cam-1", kind, phase=phase, **same)
        rounds.route(centre.clock.at)
        due = [one for chain in repository.due("fires", centre.clock.at, 9) for one in chain]
        return [(one.event.type, one.event.kind, one.event.data["kind"]) for one in due]

    assert told("smoke", EventPhase.RAISED) == []
    spoke = ("thapcanh.alert.spoke.v1", "fire", "fire")
    assert told("fire", EventPhase.UPDATED) == [spoke]
    assert told("fire", EventPhase.UPDATED) == [spoke]


def test_targets_show_no_secret(centre: Centre, desk_of: Callable[..., Desk]) -> None:
    with one_dead(centre):
        answer = desk_of("quan", Role.ADMIN).get(f"{API}/targets")
        (target,) = answer.json()["items"]
    assert "topsecret" not in answer.text
    assert target["address"] == "https://114.example"
    assert (target["name"], target["waiting"], target["dead"]) == ("Trực ban PCCC", 1, 1)


def test_an_admin_retries_and_discards(centre: Centre, desk_of: Callable[..., Desk]) -> None:
    with one_dead(centre) as repository:
        admin, technician = desk_of("quan", Role.ADMIN), desk_of("tu", Role.TECHNICIAN)
        dead = admin.get(f"{API}?state=dead").json()["items"][0]["id"]
        headers = {"X-CSRF-Token": admin.csrf}
        assert technician.post(f"{API}/{dead}/retry").status_code == 403
        assert admin.post(f"{API}/{dead}/retry", headers=headers).status_code == 204
        again = admin.post(f"{API}/{dead}/retry", headers=headers)
        assert (again.status_code, again.json()["error"]) == (409, "delivery_not_dead")
        assert dead in [chain[0].id for chain in repository.due("pccc", centre.clock.at, 9)]
        assert admin.post(f"{API}/none/discard", headers=headers).status_code == 404
        answer = admin.post(f"{API}/targets/pccc/test", headers=headers)
        assert answer.status_code == 202
        assert admin.post(f"{API}/targets/none/test", headers=headers).status_code == 404


def test_a_target_that_does_not_take_is_a_trouble(centre: Centre) -> None:
    with one_dead(centre) as repository:
        for late_s, late in ((LATE_S - 1, HealthVerdict.FINE), (LATE_S + 1, HealthVerdict.FAULT)):
            now = centre.clock.at + late_s
            findings = {
                one.trouble: one for one in target_findings(repository.target_states(now), now)
            }
            assert findings[TARGET_LATE].verdict is late
            assert findings[TARGET_DEAD].verdict is HealthVerdict.FAULT
            assert findings[TARGET_DEAD].subject == "pccc"
