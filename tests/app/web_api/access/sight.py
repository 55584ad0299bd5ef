"""The walk through whose cameras and alerts an answer tells of: two agencies, their things, desks.

Every endpoint of the table is asked by one with every role, but with one agency or area only:
nothing of another may be in any answer.

A new endpoint is walked as soon as it has its row: an id in its path is first one of our own agency
and then one of another; an answer without an id is searched for all that is foreign.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from tests.app.web_api.centre import NOW, Centre, Desk, serving
from tests.app.web_api.endpoints import GUARDED
from tests.made_archives import archive_at
from thapcanh.alerts.incidents.records import IncidentFilter
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.web_api.prefix import PREFIX

BY_ID = [
    key
    for key in GUARDED
    if re.search(r"{(alert|evidence|camera|shelf|link|drill|incident)_id}", key[1])
]
WHOLE = [key for key in GUARDED if key not in BY_ID and key != ("DELETE", f"{PREFIX}/session")]
# Asking for these takes what the walk does not have: a real offer, a camera that sends.
NO_CAMERA_ANSWERS = ("/whep", "/still.jpg", "/mjpeg")
# What must be right before anybody looks whose it is.
BODIES: dict[str, dict[str, Any]] = {
    "rendered": {"seq": 1, "rendered_at": 1_795_570_000},
    "hold": {"reason": "why"},
    "release": {"reason": "why"},
    "outcome": {},
    "join": {"type": "note", "note": "why"},
    "separate": {"type": "note", "id": "nothing"},
    "dispatch": {"services": ["114"]},
    "step": {"step": "controlled"},
    "holds": {"from": NOW - 60, "to": NOW, "reason": "why"},
    "lease": {},
    "move": {},
    "go": {},
    "neighbours": {"neighbour": "cam-1"},
    "/incidents/{incident_id}/release": {},
    "/incidents/{incident_id}/hand_over": {"to": "nobody"},
    "/incidents/{incident_id}/reopen": {"note": "why"},
    "/incidents/{incident_id}/correct": {"disposition": "handled", "note": "why"},
    "verdict": {"verdict": "true"},
    "help": {},
    "take_over": {},
    "sharing": {},
}
STRETCH = {"from": str(NOW - 60), "to": str(NOW), "at": str(NOW)}
RECORDINGS = f"{PREFIX}/recordings/"  # nothing is recorded here: one's own have nothing to show


@dataclass(frozen=True)
class Thing:
    """One agency's alert with its evidence."""

    camera: str
    alert: str
    number: str
    evidence: str
    incident: str
    made: dict[str, str] = field(default_factory=dict)  # what was made at it: shelf, link, drill

    def address(self, path: str) -> str:
        ids = {"alert_id": self.alert, "evidence_id": self.evidence, "camera_id": self.camera}
        ids |= {"incident_id": self.incident, "begin_ms": "1"}
        ids |= {"source_type": "alert", "source_id": self.alert}
        ids |= self.made
        return re.sub(r"{(\w+)}", lambda found: ids.get(found[1], "nothing"), path)


@dataclass(frozen=True)
class Sight:
    """Desks with one agency's or one area's sight, and what lies within and beyond it."""

    desks: dict[str, Desk]
    mine: Thing
    foreign: Thing
    unowned: Thing


@pytest.fixture(scope="module")
def sight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sight]:
    folder = tmp_path_factory.mktemp("sight")
    archive = archive_at(folder / "archive.sqlite")
    centre = Centre(archive=archive, folder=folder)
    mine, foreign, unowned = (_thing(centre, f"cam-{number}") for number in (1, 2, 3))
    centre.workers.append(_worker())
    scopes = {
        "agency": DataFilter(agencies=frozenset({"pc07"})),
        "area": DataFilter(areas=frozenset({"hoan-kiem"})),
    }
    centre.add_user("overseer", Role.LEADER)
    with serving(centre) as served:
        with Desk(served.address) as overseer:
            foreign = _furnished(overseer.log_in("overseer"), foreign)
        desks = {}
        for name, scope in scopes.items():
            centre.add_user(name, *Role, scope=scope)
            desks[name] = Desk(served.address).log_in(name)
        yield Sight(desks=desks, mine=mine, foreign=foreign, unowned=unowned)
        for desk in desks.values():
            desk.close()
    archive.close()


def _thing(centre: Centre, camera: str) -> Thing:
    clip = centre.file(f"{camera}/clip.mp4", b"film", EvidenceKind.CLIP)
    alert_id = centre.raise_alert(camera, evidence=(clip,), priority=1)
    (record,) = centre.archive.evidence_of(alert_id)
    alert = centre.archive.alert(alert_id)
    assert alert is not None
    page = IncidentRepository(centre.archive.database).page(IncidentFilter())
    (incident,) = [one.id for one in page.items if one.members[0].id == alert_id]
    return Thing(
        camera=camera,
        alert=alert_id,
        number=alert.number,
        evidence=record.id,
        incident=incident,
    )


def _furnished(desk: Desk, thing: Thing) -> Thing:
    """A thing at which somebody shelved, held, drilled and let a phone in."""
    until = {"until": NOW + 3600, "reason": "sửa đường"}
    hold = ask(desk, "POST", f"{PREFIX}/alerts/{thing.alert}/hold", json={"reason": "vụ án"})
    assert hold.status_code == 200, hold.text
    bodies: dict[str, dict[str, Any]] = {
        "shelf_id": {"camera": thing.camera, **until},
        "link_id": {"name": f"Camera {thing.camera}", "minutes": 5, "agency": "csgt"},
        "drill_id": {"scenario": _scenario(desk), "camera": thing.camera},
    }
    made = {}
    for name, body in bodies.items():
        path = {"shelf_id": "shelves", "link_id": "phone-links", "drill_id": "drills"}[name]
        answer = ask(desk, "POST", f"{PREFIX}/{path}", json=body)
        assert answer.status_code == 201, answer.text
        made[name] = str(answer.json()["id"])
    return replace(thing, made=made)


def _scenario(desk: Desk) -> str:
    return str(desk.get(f"{PREFIX}/drills/scenarios").json()["items"][0]["id"])


def _worker() -> dict[str, Any]:
    cameras = [
        {
            "id": f"cam-{number}", "state": "online", "reason": "packet", "detail": "well",
            "picture": "ok", "since": NOW - 60, "fps": 14.9, "last_frame_at": NOW - 1,
            "look_interval_s": 0.5,
        }
        for number in (1, 2, 3)
    ]  # fmt: skip
    return {"worker": "worker-0", "reported_at": NOW, "lost": False, "cameras": cameras}


def ask(desk: Desk, method: str, address: str, **options: Any) -> httpx.Response:
    headers = {"X-CSRF-Token": desk.csrf, "Idempotency-Key": address, "If-Match": "99"}
    return desk.request(method, address, headers=headers, **options)


def foreign_in(content: bytes, thing: Thing) -> list[str]:
    """Which words of a thing stand in an answer, also inside a workbook or a folder."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"\n".join(packed.read(name) for name in packed.namelist())
    words = (
        thing.camera,
        thing.alert,
        thing.number,
        thing.evidence,
        thing.incident,
        *thing.made.values(),
    )
    return [word for word in words if word.encode() in content]
