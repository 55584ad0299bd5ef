"""The live stream against a real server: replay, live, filters, gaps, and its ends."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.app.web_api.centre import NOW, Centre, Desk, serving
from tests.app.web_api.heard import Heard, events_of, is_beat, is_change, until
from tests.patience import PATIENCE_S
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.stream import stream_routes

STREAM = "/api/v1/stream"


@contextmanager
def watching(desk: Desk, since: str | int | None = None) -> Iterator[Iterator[Heard]]:
    """The events that a screen gets, from its first heartbeat on when nothing is to be replayed."""
    headers = {} if since is None else {"Last-Event-ID": str(since)}
    with desk.stream("GET", STREAM, headers=headers) as answer:
        assert answer.status_code == 200
        events = events_of(answer)
        if since is None:
            assert is_beat(next(events))
        yield events


def let_the_feed_read_all(desk: Desk, centre: Centre) -> None:
    """Wait until the feed has told every change, so that a new stream must replay them."""
    last = str(centre.archive.last_seq())
    with desk.stream("GET", STREAM) as answer:
        until(events_of(answer), lambda heard: is_beat(heard) and heard.id == last)


def test_a_change_is_seen_live(desk: Desk, centre: Centre) -> None:
    with watching(desk) as events:
        alert_id = centre.raise_alert()
        heard = until(events, is_change)[-1]
        assert heard.data["alert"]["id"] == alert_id
        assert heard.data["kind"] == "opened"
        assert heard.data["seq"] == int(heard.id) == centre.archive.last_seq()
        listed = desk.get("/api/v1/alerts").json()["items"][0]
        assert heard.data["alert"] == listed


def test_the_answer_is_an_event_stream_that_nobody_keeps(standing_desk: Desk) -> None:
    with standing_desk.stream("GET", STREAM) as answer:
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        assert "content-length" not in answer.headers


def test_two_screens_see_an_acknowledgement(
    desk: Desk, desk_of: Callable[..., Desk], centre: Centre
) -> None:
    alert_id = centre.raise_alert()
    other = desk_of("binh", Role.OPERATOR)
    with watching(desk) as here, watching(other) as there:
        assert desk.act(alert_id, "acknowledge").status_code == 200
        for events in (here, there):
            heard = until(events, is_change)[-1]
            assert heard.data["kind"] == "acknowledged"
            assert heard.data["alert"]["owner"]["username"] == "an"


def test_what_was_missed_is_replayed_in_order_and_once(desk: Desk, centre: Centre) -> None:
    first = centre.raise_alert()
    let_the_feed_read_all(desk, centre)
    with watching(desk) as events:
        shown = until(events, is_beat)[-1].id
    missed = [centre.raise_alert() for _ in range(3)]
    desk.act(first, "acknowledge")
    let_the_feed_read_all(desk, centre)
    with watching(desk, shown) as events:
        replayed = until(events, is_beat)
        assert [heard.name for heard in replayed] == ["change"] * 4 + ["heartbeat"]
        assert [heard.data["alert"]["id"] for heard in replayed[:-1]] == [*missed, first]
        seqs = [int(heard.id) for heard in replayed]
        assert seqs[:4] == list(range(int(shown) + 1, int(shown) + 5))
        assert seqs[4] == seqs[3]
        live = centre.raise_alert()
        assert until(events, is_change)[-1].data["alert"]["id"] == live


def test_nothing_is_lost_or_doubled_while_changes_pour_in(desk: Desk, centre: Centre) -> None:
    """Reconnecting again and again while another thread writes: every change exactly once."""
    total = 120
    writing = threading.Thread(target=lambda: [centre.raise_alert() for _ in range(total)])
    seen: list[int] = []
    last = "0"
    writing.start()
    while len(seen) < total:
        with watching(desk, last) as events:
            for heard in events:
                last = heard.id
                if is_change(heard):
                    seen.append(heard.data["seq"])
                    if len(seen) % 7 == 0 or len(seen) == total:
                        break
    writing.join()
    assert seen == list(range(1, total + 1))


def test_a_screen_is_told_only_what_its_person_may_see(
    centre: Centre, desk_of: Callable[..., Desk]
) -> None:
    ward = desk_of("ward", Role.VIEWER, DataFilter(areas=frozenset({"tay-ho"})))
    before = centre.archive.last_seq()
    hidden = [centre.raise_alert("cam-1"), centre.raise_alert("cam-3")]
    shown = centre.raise_alert("cam-2")
    let_the_feed_read_all(ward, centre)
    with watching(ward, before) as events:
        replayed = until(events, is_beat)
        assert [heard.data["alert"]["id"] for heard in replayed[:-1]] == [shown]
        assert int(replayed[-1].id) == centre.archive.last_seq()
        assert replayed[-1].data["cameras_total"] == 1
        hidden.append(centre.raise_alert("cam-1"))
        live = centre.raise_alert("cam-2")
        heard = until(events, is_change)
        assert heard[-1].data["alert"]["id"] == live
        assert not any(alert_id in str(heard + replayed) for alert_id in hidden)


def test_a_heartbeat_says_how_much_is_seen(desk: Desk, centre: Centre) -> None:
    centre.workers.append(
        {"worker": "w", "reported_at": NOW, "cameras": [{"id": "cam-1", "state": "online"}]}
    )
    with desk.stream("GET", STREAM) as answer:
        beats = events_of(answer)
        first, second = next(beats), next(beats)
    version = desk.get("/api/v1/cameras").json()["version"]
    assert first.data == {
        "now": "2026-11-25T01:26:40.000Z", "cameras_total": 3, "cameras_online": 1,
        "cameras_version": version, "last_proven": None, "intake_stopped_at": None,
        "configuration_refused_at": None,
    }  # fmt: skip
    assert is_beat(second)


def test_an_id_of_an_older_archive_is_a_gap(desk: Desk, centre: Centre) -> None:
    centre.raise_alert()
    let_the_feed_read_all(desk, centre)
    with watching(desk, 5_000) as events:
        gap = next(events)
        assert (gap.name, gap.data["reason"]) == ("gap", "unknown_id")
        assert int(gap.id) == gap.data["seq"] == centre.archive.last_seq()
        live = centre.raise_alert()
        assert until(events, is_change)[-1].data["alert"]["id"] == live


def test_changes_that_are_no_longer_kept_are_a_gap(desk: Desk, centre: Centre) -> None:
    for _ in range(3):
        centre.raise_alert()
    let_the_feed_read_all(desk, centre)
    centre.archive.delete_old(NOW + 100, changes_kept_s=1.0, keys_kept_s=1.0)
    with watching(desk, 1) as events:
        assert next(events).data["reason"] == "forgotten"
    with watching(desk, 3) as events:
        assert is_beat(next(events))


def test_a_screen_too_far_behind_reloads(
    desk: Desk, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_routes, "REPLAY_MOST", 3)
    for _ in range(4):
        centre.raise_alert()
    let_the_feed_read_all(desk, centre)
    with watching(desk, 0) as events:
        assert next(events).data == {"seq": 4, "reason": "too_far_behind"}
    with watching(desk, 1) as events:
        assert [heard.name for heard in until(events, is_beat)] == ["change"] * 3 + ["heartbeat"]


def test_a_replay_longer_than_a_page(
    desk: Desk, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_routes, "REPLAY_PAGE", 2)
    for _ in range(5):
        centre.raise_alert()
    let_the_feed_read_all(desk, centre)
    with watching(desk, 0) as events:
        assert [int(heard.id) for heard in until(events, is_beat)] == [1, 2, 3, 4, 5, 5]


@pytest.mark.parametrize("value", ["-1", "abc", "1.5", "9" * 19, "1; drop table alert"])
def test_a_made_up_id_is_refused(standing_desk: Desk, value: str) -> None:
    answer = standing_desk.get(STREAM, headers={"Last-Event-ID": value})
    assert (answer.status_code, answer.json()["field"]) == (422, "header.last-event-id")


def test_a_largest_id_is_a_gap_not_a_crash(standing_desk: Desk) -> None:
    with watching(standing_desk, "9" * 18) as events:
        assert next(events).name == "gap"


def test_the_id_may_come_in_the_query(desk: Desk, centre: Centre) -> None:
    centre.raise_alert()
    let_the_feed_read_all(desk, centre)
    with desk.stream("GET", STREAM, params={"after": "0"}) as answer:
        assert is_change(next(events_of(answer)))


def test_logging_out_ends_the_streams_of_that_session_only(
    desk: Desk, desk_of: Callable[..., Desk]
) -> None:
    other = desk_of("binh", Role.OPERATOR)
    with watching(desk) as mine, watching(other) as theirs:
        desk.delete("/api/v1/session", headers={"X-CSRF-Token": desk.csrf})
        assert all(is_beat(heard) for heard in mine)  # it ends
        assert is_beat(next(theirs))


def test_a_session_that_ended_elsewhere_ends_its_stream(
    desk: Desk, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_routes, "CHECK_SESSION_S", 0.0)
    with watching(desk) as events:
        account = centre.archive.user("an")
        assert account is not None
        centre.archive.save_user(replace(account, disabled=True))
        assert all(is_beat(heard) for heard in events)  # it ends


def test_open_streams_do_not_delay_the_end(centre: Centre) -> None:
    centre.add_user("an", Role.OPERATOR)
    with serving(centre) as served, Desk(served.address) as desk:
        desk.log_in("an")
        with watching(desk) as here, watching(desk) as there:
            served.end()
            assert all(is_beat(heard) for events in (here, there) for heard in events)


def test_one_session_opens_a_bounded_number_of_streams(desk: Desk) -> None:
    from contextlib import ExitStack

    with ExitStack() as open_streams:
        for _ in range(12):
            open_streams.enter_context(watching(desk))
        refused = desk.get(STREAM)
        assert (refused.status_code, refused.json()["error"]) == (503, "busy")
        assert "retry-after" in refused.headers


def test_without_the_archive_there_is_no_heartbeat(
    desk: Desk, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A screen must say that it is cut off rather than look calm."""
    with watching(desk) as events:
        until(events, is_beat)

        def fail(*_: object) -> None:
            raise ArchiveUnreachable("archive: locked")

        with monkeypatch.context() as broken:
            broken.setattr(centre.archive, "changes_after", fail)
            heard_again = threading.Event()

            def read() -> None:
                until(events, is_change)
                heard_again.set()

            reading = threading.Thread(target=read)
            reading.start()
            assert not heard_again.wait(0.3)
        alert_id = centre.raise_alert()
        reading.join(PATIENCE_S)
        assert heard_again.is_set()
    assert centre.archive.alert(alert_id) is not None


def test_when_an_alert_went_out_is_kept(desk: Desk, centre: Centre) -> None:
    with watching(desk) as events:
        alert_id = centre.raise_alert()
        until(events, is_change)
        deadline = time.monotonic() + PATIENCE_S
        pushed = None
        while pushed is None and time.monotonic() < deadline:
            until(events, is_beat)
            pushed = desk.get(f"/api/v1/alerts/{alert_id}").json()["steps"]["pushed"]
        assert pushed == "2026-11-25T01:26:40.000Z"
