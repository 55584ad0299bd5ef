"""Cameras as the workers last reported them: never fine because nobody spoke, never an address."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.app.web_api.centre import NOW, Centre, Desk, serving
from thapcanh.alerts.queue.workers.worker_report import CountedByWorker, read_listed_figures
from thapcanh.alerts.store.errors import QueueUnreachable
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.cameras.camera_list import figures_texts
from thapcanh.app.cameras.camera_schemas import CameraResponse

_WORKERS = ("worker-0", "worker-1", "worker-2")
_CROSSED = {"entered": 1, "left": 2}


def _report(worker: str, at: float, **cameras: str) -> dict[str, Any]:
    return {
        "worker": worker,
        "reported_at": at,
        "lost": False,
        "spool": {"waiting": 0},
        "cameras": [
            {
                "id": name.replace("_", "-"), "state": state, "reason": "packet", "detail": "well",
                "picture": "ok", "since": NOW - 60, "fps": 14.9, "last_frame_at": NOW - 1,
                "look_interval_s": 0.5,
                "moving": True,
            }
            for name, state in cameras.items()
        ],
    }  # fmt: skip


def _counted(
    told: Mapping[str, Mapping[str, Any]], *, always: bool = False
) -> Callable[[Iterable[str]], list[CountedByWorker]]:
    """What these workers count; `always`: also where another is asked for."""

    def read(workers: Iterable[str]) -> list[CountedByWorker]:
        asked = told if always else told.keys() & set(workers)
        return [(name, read_listed_figures(json.dumps(told[name]).encode())) for name in asked]

    return read


def test_a_camera_is_as_its_worker_says(desk: Desk, centre: Centre) -> None:
    centre.workers.append(_report("worker-0", NOW, cam_1="online", cam_2="backoff"))
    answer = desk.get("/api/v1/cameras")
    one, two, three = answer.json()["items"]
    assert one["state"] == "online"
    assert one["since"] == "2026-11-25T01:25:40.000Z"
    assert (one["fps"], one["look_interval_s"], one["worker"]) == (14.9, 0.5, "worker-0")
    assert one["moving"] is True
    assert two["state"] == "backoff"
    assert (three["state"], three["reason"]) == ("unwatched", "no_worker_reports")
    assert "topsecret" not in answer.text
    assert "rtsp" not in answer.text


def test_the_list_says_of_each_camera_what_is_said_of_it_alone(desk: Desk, centre: Centre) -> None:
    """A list is put together from texts, one camera is a model: one answer with two hands."""
    report = _report("worker-0", NOW, cam_1="online", cam_2="backoff")
    report["cameras"][0] |= {"crossings": {"gate": {"entered": 4, "left": 2}}, "events": True}
    centre.workers.append(report)
    items = desk.get("/api/v1/cameras").json()["items"]
    assert len(items) == 3
    for item in items:
        assert item == desk.get(f"/api/v1/cameras/{item['id']}").json()
    few = desk.get("/api/v1/cameras", params={"fields": "last_frame_at,crossings,state"}).json()
    names = ("id", "state", "last_frame_at", "crossings")
    assert few["items"] == [{name: item[name] for name in names} for item in items]


def test_what_cameras_count_is_read_for_their_lists(centre: Centre) -> None:
    """The words on how they are come without it; what is no figure, or nobody told, is null."""
    word = {"state": "online", "picture": "ok", "since": NOW - 60}
    cameras = [{"id": name, **word} for name in ("cam-1", "cam-2")]
    centre.workers.append({"worker": "worker-0", "reported_at": NOW, "lost": False,
                           "cameras": cameras})  # fmt: skip
    gate = {"gate": {"entered": 4, "left": 2}}
    told = {
        "cam-1": {"fps": 9.5, "last_frame_at": NOW - 1, "crossings": gate, "looks": 7, "new": 1},
        "cam-2": {"fps": "fast", "codec": "h264", "crossings": None},
    }
    centre.outside["read_listed_figures"] = _counted({"worker-0": told})
    centre.add_user("an", Role.LEADER)
    with serving(centre) as served, Desk(served.address) as desk:
        desk.log_in("an")
        items = desk.get("/api/v1/cameras").json()["items"]
        assert items == [desk.get(f"/api/v1/cameras/{one['id']}").json() for one in items]
    one, two, three = items
    assert (one["fps"], one["last_frame_at"]) == (9.5, "2026-11-25T01:26:39.000Z")
    assert one["crossings"] == gate
    assert not {"looks", "new"} & one.keys()
    assert (two["fps"], two["codec"], two["crossings"]) == (None, "h264", {})
    assert {three[name] for name in ("fps", "codec", "last_frame_at", "events")} == {None}
    assert [set(item) for item in items] == [set(CameraResponse.model_fields)] * 3


def test_of_another_worker_no_figures_are_shown(centre: Centre) -> None:
    """A camera went over to it, and the one before still tells what it counted."""
    centre.workers += [
        _report("worker-0", NOW - 5, cam_1="closed"),
        _report("worker-1", NOW, cam_1="online"),
        _report("worker-2", NOW - 5, cam_1="closed"),
    ]
    counted = {name: {"cam-1": {"fps": fps}} for fps, name in enumerate(_WORKERS, start=1)}
    centre.outside["read_listed_figures"] = _counted(counted, always=True)
    centre.add_user("an", Role.LEADER)
    with serving(centre) as served, Desk(served.address) as desk:
        desk.log_in("an")
        one = desk.get("/api/v1/cameras").json()["items"][0]
        assert one == desk.get("/api/v1/cameras/cam-1").json()
    assert (one["worker"], one["fps"]) == ("worker-1", 2.0)


def test_each_camera_has_its_own_figures_whatever_their_words(centre: Centre) -> None:
    """They are written in one go and parted where no text can be."""
    words = ["", ",", ',"', '",', ',"",', '"",""', '},"",{', "\\", '\\",\\"",', "Ngã tư\n"]
    told = {
        f"cam-{number}": {
            "codec": word,
            "decoding": word,
            "crossings": {word: _CROSSED, "": _CROSSED},
        }
        for number, word in enumerate(words)
    }
    read = read_listed_figures(json.dumps(told).encode())
    facts = frozenset({"codec", "decoding", "crossings"})
    texts = figures_texts(read.values(), facts)
    assert [json.loads(text) for text in texts] == list(told.values())
    assert figures_texts([], facts) == []


def test_of_two_words_on_one_camera_the_newer_counts(desk: Desk, centre: Centre) -> None:
    centre.workers += [
        _report("worker-1", NOW, cam_1="online"),
        _report("worker-0", NOW - 5, cam_1="closed"),
    ]
    one = desk.get("/api/v1/cameras").json()["items"][0]
    assert (one["state"], one["worker"]) == ("online", "worker-1")


def test_a_lost_worker_leaves_its_cameras_unwatched(desk: Desk, centre: Centre) -> None:
    centre.workers.append({"worker": "worker-0", "reported_at": NOW - 60, "lost": True})
    states = {item["state"] for item in desk.get("/api/v1/cameras").json()["items"]}
    assert states == {"unwatched"}


def test_nothing_is_known_while_the_queue_is_silent(centre: Centre) -> None:
    def silent() -> list[dict[str, Any]]:
        raise QueueUnreachable("queue: connection refused")

    centre.read_workers = silent
    centre.add_user("an", Role.LEADER)
    with serving(centre) as served, Desk(served.address) as desk:
        desk.log_in("an")
        cameras = desk.get("/api/v1/cameras").json()["items"]
        assert {(one["state"], one["reason"]) for one in cameras} == {
            ("unwatched", "queue_unavailable")
        }
        workers = desk.get("/api/v1/workers")
        assert (workers.status_code, workers.json()["error"]) == (503, "queue_unavailable")


def test_a_report_of_nonsense_breaks_nothing(desk: Desk, centre: Centre) -> None:
    centre.workers += [
        {"worker": 5, "reported_at": None, "cameras": "many"},
        {"cameras": [None, 5, {"state": "online"}, {"id": "cam-1", "since": 1e300, "fps": "x"}]},
    ]
    one = desk.get("/api/v1/cameras").json()["items"][0]
    assert (one["state"], one["since"], one["fps"]) == ("unwatched", None, None)


def test_workers_are_listed_for_engineers(centre: Centre) -> None:
    centre.workers += [
        _report("worker-0", NOW, cam_1="online", cam_2="backoff"),
        {"worker": "worker-1", "reported_at": NOW - 60, "lost": True},
    ]
    centre.add_user("ky-thuat", Role.TECHNICIAN)
    with serving(centre) as served, Desk(served.address) as desk:
        desk.log_in("ky-thuat")
        one, two = desk.get("/api/v1/workers").json()["items"]
    assert (one["cameras_total"], one["cameras_online"], one["lost"]) == (2, 1, False)
    assert one["status"]["spool"] == {"waiting": 0}
    assert (two["worker"], two["lost"], two["cameras_total"]) == ("worker-1", True, 0)


def test_a_changed_site_shows_at_once(desk: Desk, centre: Centre) -> None:
    site = centre.site()
    centre.site.replace(site.model_copy(update={"cameras": site.cameras[:1]}))
    assert [one["id"] for one in desk.get("/api/v1/cameras").json()["items"]] == ["cam-1"]


def test_pages_follow_each_other_in_the_order_of_ids(desk: Desk, centre: Centre) -> None:
    first = desk.get("/api/v1/cameras", params={"limit": 2}).json()
    assert ([one["id"] for one in first["items"]], first["next"]) == (["cam-1", "cam-2"], "cam-2")
    second = desk.get("/api/v1/cameras", params={"limit": 2, "cursor": first["next"]}).json()
    assert ([one["id"] for one in second["items"]], second["next"]) == (["cam-3"], None)


def test_only_the_facts_that_are_asked_for_are_sent(desk: Desk, centre: Centre) -> None:
    centre.workers.append(_report("worker-0", NOW, cam_1="online"))
    found = desk.get("/api/v1/cameras", params={"fields": "state,sees"}).json()["items"]
    assert found[0] == {"id": "cam-1", "state": "online", "sees": True}
    refused = desk.get("/api/v1/cameras", params={"fields": "source"})
    assert refused.status_code == 422


def test_what_changed_since_an_answer_is_enough(desk: Desk, centre: Centre) -> None:
    centre.workers.append(_report("worker-0", NOW, cam_1="online", cam_2="online"))
    version = desk.get("/api/v1/cameras").json()["version"]
    same = desk.get("/api/v1/cameras", params={"since": version}).json()
    assert (same["items"], same["gone"], same["version"]) == ([], [], version)
    centre.workers[0] = _report("worker-0", NOW + 2, cam_1="online", cam_2="backoff")
    centre.site.replace(centre.site().model_copy(update={"cameras": centre.site().cameras[:2]}))
    centre.clock.at += 3
    changed = desk.get("/api/v1/cameras", params={"since": version}).json()
    assert [(one["id"], one["state"]) for one in changed["items"]] == [("cam-2", "backoff")]
    assert changed["gone"] == ["cam-3"]
    unknown = desk.get("/api/v1/cameras", params={"since": "of-another-run"}).json()
    assert ([one["id"] for one in unknown["items"]], unknown["gone"]) == (["cam-1", "cam-2"], None)


def test_an_answer_that_would_be_the_same_is_not_sent_again(desk: Desk, centre: Centre) -> None:
    centre.workers.append(_report("worker-0", NOW, cam_1="online"))
    query = {"fields": "state"}
    tag = desk.get("/api/v1/cameras", params=query).headers["ETag"]
    again = desk.get("/api/v1/cameras", params=query, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    centre.workers[0] = _report("worker-0", NOW + 2, cam_1="backoff")
    centre.clock.at += 3
    changed = desk.get("/api/v1/cameras", params=query, headers={"If-None-Match": tag})
    assert changed.json()["items"][0]["state"] == "backoff"
    assert changed.headers["ETag"] != tag


def test_a_difference_tells_nobody_of_cameras_they_may_not_see(centre: Centre) -> None:
    centre.add_user("csgt", Role.OPERATOR, scope=DataFilter(agencies=frozenset({"csgt"})))
    centre.workers.append(_report("worker-0", NOW, cam_1="online", cam_2="online"))
    with serving(centre) as served, Desk(served.address) as desk:
        desk.log_in("csgt")
        version = desk.get("/api/v1/cameras").json()["version"]
        centre.workers[0] = _report("worker-0", NOW + 2, cam_1="backoff", cam_2="backoff")
        centre.clock.at += 3
        changed = desk.get("/api/v1/cameras", params={"since": version}).json()
    assert [one["id"] for one in changed["items"]] == ["cam-2"]
    assert changed["gone"] == []
