"""Film belongs to who owned its camera when it was taken, whoever owns the camera since."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.recordings.test_recordings import recorded
from tests.app.web_api.centre import NOW, Centre, Desk
from tests.app.web_api.exported import PURPOSE, fetched
from tests.detection.sightings.seen import record
from tests.ingest.recording.recorded import BEGAN_S, RecordedCamera
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.registry.camera_owners import CameraOwners
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.registry.owner_tasks import OwnerTask
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.detection.event import EventPhase
from thapcanh.detection.sightings.store import SightingBatch, SightingStore, SlotAnalysis, slot_of

__all__ = ["recorded"]

RECORDINGS = f"{PREFIX}/recordings/cam-1"
OLD = DataFilter(agencies=frozenset({"pc07"}))
NEW = DataFilter(agencies=frozenset({"csgt"}))
BOTH = DataFilter(agencies=frozenset({"pc07", "csgt"}))
HANDED_OVER = BEGAN_S + 12.0  # within the second of four segments: 0, 10, 20 and 40 s
WHOLE = {"from": BEGAN_S - 10.0, "to": BEGAN_S + 60.0}


@pytest.fixture
def handed(centre: Centre, recorded: RecordedCamera) -> Centre:
    """Camera cam-1 was pc07's until it became csgt's while it filmed."""
    now = [BEGAN_S - 3600.0]
    rounds = OwnerTask(centre.archive.database, centre.site, lambda: now[0])
    rounds.round()
    site = centre.site()
    moved = site.cameras[0].model_copy(update={"agency": "csgt"})
    centre.site.replace(site.model_copy(update={"cameras": (moved, *site.cameras[1:])}))
    now[0] = HANDED_OVER
    rounds.round()
    return centre


def _begins(answer: httpx.Response) -> list[float]:
    assert answer.status_code == 200, answer.text
    return [round(one["id"] / 1000 - BEGAN_S) for one in answer.json()["segments"]]


def _segment(desk: Desk, at: float) -> int:
    return desk.get(f"{RECORDINGS}/segments/{round((BEGAN_S + at) * 1000)}.mp4").status_code


def _still(desk: Desk, at: float) -> int:
    return desk.get(f"{RECORDINGS}/still", params={"at": BEGAN_S + at}).status_code


@pytest.mark.parametrize(
    ("scope", "seen", "unseen"),
    [(OLD, [0], [10, 20, 40]), (NEW, [20, 40], [0, 10]), (BOTH, [0, 10, 20, 40], [])],
)
def test_the_new_owner_sees_no_film_of_before_and_the_old_one_keeps_it(
    handed: Centre,
    desk_of: Callable[..., Desk],
    scope: DataFilter,
    seen: list[int],
    unseen: list[int],
) -> None:
    desk = desk_of("an", Role.OPERATOR, scope)
    assert _begins(desk.get(RECORDINGS, params=WHOLE)) == seen
    playlist = desk.get(f"{RECORDINGS}/playlist.m3u8", params=WHOLE).text
    for at in (0, 10, 20, 40):
        assert (f"segments/{round((BEGAN_S + at) * 1000)}.mp4" in playlist) is (at in seen)
        assert _segment(desk, at) == (200 if at in seen else 404)
    assert (_still(desk, 5.0) == 200) is (scope != NEW)
    assert (_still(desk, 22.0) == 200) is (scope != OLD)


def test_what_is_anothers_is_a_gap_that_says_so(
    handed: Centre, desk_of: Callable[..., Desk]
) -> None:
    found = desk_of("an", Role.OPERATOR, NEW).get(RECORDINGS, params=WHOLE).json()
    gaps = [one for one in found["gaps"] if one["reason"] == "others"]
    assert [(one["from"], one["to"]) for one in gaps] == [(found["from"], found["recorded_from"])]
    assert "not_recorded" not in str(found), "when it was first recorded is the old owner's too"


def test_live_pictures_follow_present_ownership(
    handed: Centre, desk_of: Callable[..., Desk]
) -> None:
    old, new = desk_of("an", Role.OPERATOR, OLD), desk_of("binh", Role.OPERATOR, NEW)
    for path in ("still.jpg", "mjpeg"):
        refused = old.get(f"{PREFIX}/cameras/cam-1/{path}")
        assert (refused.status_code, refused.json()["error"]) == (404, "camera_not_found")
    answers = [desk.get(f"{PREFIX}/cameras/cam-1").status_code for desk in (old, new)]
    assert answers == [404, 200]


def test_an_export_has_the_own_film_alone(handed: Centre, desk_of: Callable[..., Desk]) -> None:
    wanted: dict[str, Any] = {
        "what": "recording", "camera": "cam-1", "purpose": PURPOSE, "from": BEGAN_S,
    }  # fmt: skip
    old, new = desk_of("an", Role.LEADER, OLD), desk_of("binh", Role.LEADER, NEW)
    before = {**wanted, "to": BEGAN_S + 12.0}
    assert fetched(old, unblurred=True, **before).status_code == 200
    refused = fetched(new, unblurred=True, **before)
    assert (refused.status_code, refused.json()["error"]) == (404, "recording_not_found")
    assert fetched(new, unblurred=True, **wanted, to=BEGAN_S + 60.0).status_code == 200


def test_a_hold_on_film_is_its_owners_of_then(handed: Centre, desk_of: Callable[..., Desk]) -> None:
    old, new = desk_of("an", Role.LEADER, OLD), desk_of("binh", Role.LEADER, NEW)
    stretch = {"from": BEGAN_S, "to": BEGAN_S + 10.0, "reason": "CV 12"}

    def held(desk: Desk) -> httpx.Response:
        headers = {"X-CSRF-Token": desk.csrf}
        return desk.post(f"{RECORDINGS}/holds", json=stretch, headers=headers)

    assert held(new).status_code == 404
    placed = held(old)
    assert placed.status_code == 201, placed.text
    assert [len(desk.get(f"{RECORDINGS}/holds").json()["items"]) for desk in (old, new)] == [1, 0]
    release = f"{RECORDINGS}/holds/{placed.json()['id']}/release"
    answers = [
        desk.post(release, json={"reason": "xong"}, headers={"X-CSRF-Token": desk.csrf})
        for desk in (new, old)
    ]
    assert [one.status_code for one in answers] == [404, 204]


def test_sightings_are_told_to_the_owner_of_then(
    handed: Centre, desk_of: Callable[..., Desk], tmp_path: Path
) -> None:
    store = SightingStore(tmp_path / "recordings")
    seen = [record(at) for at in (0.5, 10.0, 20.0)]  # the second lasts over the change of hands
    looks = {("cam-1", slot_of(BEGAN_S)): SlotAnalysis(awake_ms=120_000, idle_ms=0)}
    store.write(SightingBatch(sightings=list(enumerate(seen)), looks=looks, dropped={}))
    store.close()
    found = {}
    for name, scope in {"old": OLD, "new": NEW, "both": BOTH}.items():
        desk = desk_of(name, Role.OPERATOR, scope)
        told = desk.get(f"{PREFIX}/sightings", params={**WHOLE, "cameras": "cam-1"}).json()
        awake = told["cameras"][0]["awake"]
        found[name] = (len(told["items"]), sum(told["counts"]), awake > 0)
    assert found == {"old": (1, 1, False), "new": (1, 1, False), "both": (3, 3, True)}


def test_who_saw_film_is_told_to_the_leader_of_its_owner_of_then(
    handed: Centre, desk_of: Callable[..., Desk]
) -> None:
    assert _segment(desk_of("an", Role.OPERATOR, OLD), 0) == 200
    leaders = [desk_of("lan", Role.LEADER, OLD), desk_of("binh", Role.LEADER, NEW)]
    seen = [len(one.get(f"{PREFIX}/viewings").json()["items"]) for one in leaders]
    assert seen == [1, 0]


def test_an_alert_that_comes_late_is_its_owners_of_when_the_picture_was_taken(
    handed: Centre,
) -> None:
    before = handed.raise_alert("cam-1", captured_at=HANDED_OVER - 1.0)
    after = handed.raise_alert("cam-1", kind="crowd", captured_at=HANDED_OVER + 1.0)
    owners = [alert.agency for one in (before, after) if (alert := handed.archive.alert(one))]
    assert owners == ["pc07", "csgt"]


def test_a_site_that_is_read_again_changes_no_owner(handed: Centre) -> None:
    owners = CameraOwners(handed.archive.database)
    former = owners.former(["cam-1", "cam-2", "cam-3"])
    assert [(one.agency, one.until) for one in former["cam-1"]] == [("pc07", HANDED_OVER)]
    assert former.keys() == {"cam-1"}
    handed.site.replace(handed.site().model_copy())
    OwnerTask(handed.archive.database, handed.site, lambda: NOW).round()
    assert owners.former(["cam-1", "cam-2", "cam-3"]) == former


def test_an_alert_that_lasts_after_its_camera_changed_hands_is_seen_by_the_new_owner(
    centre: Centre, desk_of: Callable[..., Desk]
) -> None:
    """It went on in the alert of the owner of then, and the new one's desk stayed calm."""
    fire: dict[str, Any] = {"event_id": "fire-1", "rule_id": "fire", "zone_id": None, "priority": 1}
    old = centre.raise_alert("cam-1", **fire)
    site = centre.site()
    moved = site.cameras[0].model_copy(update={"agency": "csgt", "area": "tay-ho"})
    centre.site.replace(site.model_copy(update={"cameras": (moved, *site.cameras[1:])}))
    again = {**fire, "phase": EventPhase.UPDATED}
    new = centre.raise_alert("cam-1", **again)
    assert new != old
    assert centre.raise_alert("cam-1", **again) == new, "one alert, however often it is seen"
    before, now = centre.archive.alert(old), centre.archive.alert(new)
    assert before is not None
    assert now is not None
    assert (before.agency, before.condition) == ("pc07", AlertCondition.CLEARED)
    assert (now.agency, now.priority, now.state) == ("csgt", 1, AlertState.NEW)
    listed = {
        scope: {one["id"] for one in desk.get(f"{PREFIX}/alerts").json()["items"]}
        for scope, desk in (
            ("old", desk_of("an", Role.OPERATOR, OLD)),
            ("new", desk_of("ba", Role.OPERATOR, NEW)),
        )
    }
    assert listed == {"old": {old}, "new": {new}}, "each keeps what was theirs"
    ended = centre.raise_alert("cam-1", **{**fire, "phase": EventPhase.CLEARED})
    assert ended == new
