"""Who may search what was recorded, what the answer says of itself, and that it is logged."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.web_api.centre import Centre, Desk
from tests.detection.sightings.seen import BEGAN_S, record
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.sightings import search_routes
from thapcanh.config.storage import RecordingConfig
from thapcanh.detection.sightings.sighting import LinePassage, SightingRecord, VehicleColour
from thapcanh.detection.sightings.store import (
    SIGHTINGS_FILE,
    SightingBatch,
    SightingStore,
    SlotAnalysis,
    slot_of,
)
from thapcanh.detection.tracking.drawn_shapes import LineSide

SEARCH = "/api/v1/sightings"
HERE = DataFilter(areas=frozenset({"hoan-kiem"}))
WAY = LinePassage(line="gate", to=LineSide.INSIDE, at_s=BEGAN_S + 12.0)
MASK = ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))


@pytest.fixture
def store(centre: Centre, tmp_path: Path) -> Iterator[SightingStore]:
    """Two cameras, each in another area; cam-1 was looked at for 3 of the first 5 minutes."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    seen: list[SightingRecord] = [
        record(10.0, colour=VehicleColour.RED, passages=[WAY]),
        record(20.0, label="person", box=(0.0, 0.0, 0.1, 0.2)),
        record(30.0, camera="cam-2", colour=VehicleColour.RED),
        record(40.0, colour=VehicleColour.BLUE, box=(0.8, 0.8, 0.95, 0.95)),
    ]
    looks = {("cam-1", slot_of(BEGAN_S)): SlotAnalysis(awake_ms=120_000, idle_ms=60_000)}
    dropped = {("cam-1", slot_of(BEGAN_S), "car"): 7}
    store = SightingStore(folder)
    store.write(SightingBatch(sightings=list(enumerate(seen)), looks=looks, dropped=dropped))
    wanted = RecordingConfig(dir=folder, cameras="*")
    centre.site.replace(centre.site().model_copy(update={"recording": wanted}))
    yield store
    store.close()


def ask(desk: Desk, **query: object) -> httpx.Response:
    words = {"from": BEGAN_S, "to": BEGAN_S + 300} | query
    return desk.get(SEARCH, params=words)  # type: ignore[arg-type]


def ids(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [(one["camera"], one["class"]) for one in answer.json()["items"]]


def test_each_sees_what_the_own_cameras_saw(
    desk_of: Callable[..., Desk], store: SightingStore
) -> None:
    mine = [("cam-1", "car"), ("cam-1", "person"), ("cam-1", "car")]
    assert ids(ask(desk_of("an", Role.OPERATOR, HERE))) == mine
    assert len(ids(ask(desk_of("binh", Role.LEADER)))) == 4
    assert ids(ask(desk_of("nobody", Role.AGENCY))) == []
    desk = desk_of("chi", Role.OPERATOR, HERE)
    for foreign in ("cam-2", "cam-9"):
        answer = ask(desk, cameras=[foreign, "cam-1"])
        assert (answer.status_code, answer.json()["error"]) == (404, "camera_not_found")
    assert ids(ask(desk, area="tay-ho")) == []
    assert ids(ask(desk, area="hanoi")) == mine


def test_filters_and_pages(desk_of: Callable[..., Desk], store: SightingStore) -> None:
    desk = desk_of("an", Role.LEADER)
    assert ids(ask(desk, colour="red")) == [("cam-1", "car"), ("cam-2", "car")]
    assert ids(ask(desk, **{"class": ["person", "bus"]})) == [("cam-1", "person")]
    one = {"cameras": "cam-1"}
    (found,) = ask(desk, line="gate", direction="inside", **one).json()["items"]
    assert found["passages"][0]["line"] == "gate"
    assert found["passages"][0]["to"] == "inside"
    assert found["box"] == pytest.approx([0.4, 0.4, 0.2, 0.2], abs=0.01)
    assert ids(ask(desk, line="gate", direction="outside", **one)) == []
    assert ids(ask(desk, box="0.0,0.0,0.2,0.2", **one)) == [("cam-1", "person")]
    first = ask(desk, limit=3).json()
    assert sum(first["counts"]) == 4
    rest = ask(desk, limit=3, cursor=first["next"]).json()
    assert [one["from"] for one in rest["items"]] == ["2026-11-25T01:00:40.000Z"]
    assert (rest["next"], rest["counts"], rest["cameras"]) == (None, [], [])


def test_the_answer_says_what_it_is_worth(
    desk_of: Callable[..., Desk], store: SightingStore, centre: Centre
) -> None:
    def worker(name: str, camera: str, **told: object) -> dict[str, object]:
        return {"worker": name, "reported_at": centre.clock.at, "lost": False,
                "cameras": [{"id": camera}]} | told  # fmt: skip

    centre.workers += [
        worker("here", "cam-1", sightings={"store": store.store_id(), "error": None}),
        worker("other-host", "cam-2", sightings={"store": "another", "error": None}),
        worker("dead", "cam-3", lost=True),
    ]
    desk = desk_of("an", Role.LEADER)
    answer = ask(desk, parts=5).json()
    (camera,) = [one for one in answer["cameras"] if one["camera"] == "cam-1"]
    assert (camera["awake"], camera["idle"], camera["not_looked_at"]) == (0.4, 0.2, 0.4)
    assert camera["dropped"] == 7
    assert camera["dropped_in"] == [
        {"from": "2026-11-25T01:00:00.000Z", "to": "2026-11-25T01:05:00.000Z"}
    ]
    assert answer["looked"] == [0.2] * 5  # of three cameras one
    assert [(one["worker"], one["reason"], one["cameras"]) for one in answer["silent"]] == [
        ("other-host", "elsewhere", ["cam-2"]), ("dead", "lost", ["cam-3"]),
    ]  # fmt: skip
    people = ask(desk, **{"class": "person"}).json()
    assert all(one["dropped"] == 0 for one in people["cameras"])


def test_what_a_privacy_mask_covers_now_is_not_found(
    desk_of: Callable[..., Desk], store: SightingStore, centre: Centre
) -> None:
    site = centre.site()
    masked = site.cameras[0].model_copy(update={"privacy_masks": (MASK,)})
    centre.site.replace(site.model_copy(update={"cameras": (masked, *site.cameras[1:])}))
    answer = ask(desk_of("an", Role.OPERATOR, HERE))
    assert ids(answer) == [("cam-1", "person"), ("cam-1", "car")]
    assert sum(answer.json()["counts"]) == 2


def test_each_search_stands_in_the_viewing_log_once(
    desk_of: Callable[..., Desk], store: SightingStore
) -> None:
    desk = desk_of("an", Role.OPERATOR, HERE)
    for _ in range(2):
        ask(desk, colour="red", cameras="cam-1")
    ask(desk, cameras="cam-1", cursor=f"{round(BEGAN_S * 1000)}~0~cam-1")
    leader = desk_of("binh", Role.LEADER)
    seen = leader.get("/api/v1/viewings").json()["items"]
    assert [(one["what"], one["person"]["username"], one["camera"]) for one in seen] == [
        ("search", "an", "cam-1")
    ] * 2
    assert seen[1]["object"] == "2026-11-25T01:00Z/2026-11-25T01:05Z red · cam-1"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({"to": BEGAN_S - 1}, "search_period"),
        ({"to": BEGAN_S + 200 * 3600}, "search_too_wide"),
        ({"line": "gate"}, "search_one_camera"),
        ({"box": "0,0,1,1", "cameras": ["cam-1", "cam-2"]}, "search_one_camera"),
        ({"box": "0.5,0.5,0.4,0.9"}, "invalid_input"),
        ({"box": "0,0,nan,1"}, "invalid_input"),
        ({"class": "face"}, "invalid_input"),
        ({"colour": "pink"}, "invalid_input"),
        ({"cursor": "1~2"}, "invalid_input"),
        ({"cursor": "999999999999999~2~cam-1", "limit": 0}, "invalid_input"),
        ({"area": "a' OR 1=1"}, "invalid_input"),
    ],
)
def test_wrong_questions_get_one_clear_error(
    desk_of: Callable[..., Desk], store: SightingStore, words: dict[str, object], error: str
) -> None:
    answer = ask(desk_of("an", Role.LEADER), **words)
    assert (answer.status_code, answer.json()["error"]) == (422, error)


def test_too_often_a_broken_store_and_a_folder_without_one(
    desk_of: Callable[..., Desk], store: SightingStore, centre: Centre
) -> None:
    desk = desk_of("an", Role.LEADER)
    store.close()
    path = centre.site().recording.dir
    assert path is not None
    (path / SIGHTINGS_FILE).write_bytes(b"broken" * 1000)
    answer = ask(desk)
    assert (answer.status_code, answer.json()["error"]) == (503, "recordings_unavailable")
    (path / SIGHTINGS_FILE).unlink()
    answer = ask(desk)
    assert ids(answer) == []
    assert [one["not_looked_at"] for one in answer.json()["cameras"]] == [1.0, 1.0, 1.0]
    codes = [ask(desk).status_code for _ in range(search_routes.MOST_A_MINUTE)]
    assert codes[-1] == 429
    centre.clock.at += 61.0
    assert ask(desk).status_code == 200


def test_where_nothing_is_recorded_one_sentence_says_so(
    desk_of: Callable[..., Desk], centre: Centre
) -> None:
    """It said that of this moment there is no recording, as if there were of others."""
    none = centre.site().recording.model_copy(update={"dir": None})
    centre.site.replace(centre.site().model_copy(update={"recording": none}))
    desk = desk_of("an", Role.LEADER)
    stretch = {"from": BEGAN_S, "to": BEGAN_S + 300}
    asked = (
        (SEARCH, stretch),
        ("/api/v1/recordings/cam-1", stretch),
        ("/api/v1/recordings/cam-1/still", {"at": BEGAN_S}),
    )
    for path, query in asked:
        answer = desk.get(path, params=query, headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.json()["error"]) == (404, "nothing_recorded")
        assert "no film of any moment" in answer.json()["detail"]
    assert "chưa bật ghi hình" in ask(desk).json()["detail"]
