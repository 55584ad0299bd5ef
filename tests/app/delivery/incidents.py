"""Incidents as officers open and move them, for the tests of who is told outside."""

from typing import Any

from uuid6 import uuid7

from tests.app.web_api.centre import Centre
from thapcanh.alerts.incidents.incident_state import IncidentAction
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import IncidentPlace, IncidentRequest, NewIncident
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.store.roles import Actor, Role

LEADER = Actor(username="an", name="An", role=Role.LEADER)
ASSESS = {"action": IncidentAction.ASSESS}


def opened(centre: Centre, kind: IncidentKind = IncidentKind.FIRE, **changes: Any) -> str:
    facts: dict[str, Any] = {
        "kind": kind,
        "priority": 2,
        "place": IncidentPlace(text="12 Hàng Bài", lat=21.02, lon=105.85),
        "at": centre.clock.at,
        "agency": "pc07",
    }
    new = NewIncident(**facts | changes)
    found = IncidentRepository(centre.archive.database).open(
        LEADER, new, str(uuid7()), centre.clock.at
    )
    centre.bell.notify()
    return found.incident.id


def move(centre: Centre, incident_id: str, **act: Any) -> None:
    repository = IncidentRepository(centre.archive.database)
    found = repository.one(incident_id, LEADER.scope)
    assert found is not None
    request = IncidentRequest(
        incident_id=incident_id,
        actor=LEADER,
        expected_version=found.version,
        idempotency_key=str(uuid7()),
        **act,
    )
    done = centre.archive.incident_command(request, centre.clock.at)
    assert done.outcome.value == "done"
    centre.bell.notify()
