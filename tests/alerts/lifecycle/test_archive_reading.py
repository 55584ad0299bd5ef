"""Lists, filters, scopes, and the change feed, on SQLite and PostgreSQL."""

import base64
import dataclasses
from typing import Any

import pytest

from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from thapcanh.alerts.alert.records import AlertFilter, CameraFacts, CommandRequest
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.errors import BadCursor
from thapcanh.alerts.store.roles import Actor, AlertAction, DataFilter, Role

NOW = FIRST_AT + 1000
FACTS = {
    "gate": CameraFacts(name="Cổng", agency="pc07", area="cua-nam"),
    "yard": CameraFacts(name="Sân", agency="evn", area="ba-dinh"),
    "lake": CameraFacts(name="Hồ", agency="pc07", area="ba-dinh"),
    "nowhere": CameraFacts(name="?"),
}


@pytest.fixture
def filled(archive: Archive) -> Archive:
    """One alert a camera, a second apart; the last is intrusion and acknowledged."""
    kinds = {"nowhere": {"kind": "intrusion", "rule_id": "night", "priority": 2}}
    for seq, camera in enumerate(FACTS, start=1):
        changes: dict[str, Any] = {"camera_id": camera, "event_id": camera, **kinds.get(camera, {})}
        archive.take_in(fake_message(seq, **changes), queued_at=NOW, now=NOW, camera=FACTS.get)
    newest = archive.alerts().items[0]
    order = CommandRequest(
        alert_id=newest.id,
        action=AlertAction.ACKNOWLEDGE,
        actor=Actor(username="an", name="An", role=Role.OPERATOR),
        expected_version=1,
        idempotency_key="k",
    )
    archive.command(order, NOW)
    return archive


def cameras(archive: Archive, **wanted: Any) -> list[str]:
    return [alert.camera_id for alert in archive.alerts(AlertFilter(**wanted)).items]


def test_newest_first(filled: Archive) -> None:
    assert cameras(filled) == ["nowhere", "lake", "yard", "gate"]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"states": frozenset({"acknowledged"})}, ["nowhere"]),
        ({"states": frozenset({"new", "acknowledged"})}, ["nowhere", "lake", "yard", "gate"]),
        ({"states": frozenset({"closed"})}, []),
        ({"kinds": frozenset({"fire"})}, ["lake", "yard", "gate"]),
        ({"cameras": frozenset({"gate", "lake"})}, ["lake", "gate"]),
        ({"since": FIRST_AT + 2}, ["nowhere", "lake"]),
        ({"until": FIRST_AT + 2}, ["yard", "gate"]),
        ({"since": FIRST_AT + 1, "until": FIRST_AT + 2}, ["yard"]),
        ({"kinds": frozenset({"fire"}), "states": frozenset({"acknowledged"})}, []),
    ],
)
def test_filters(filled: Archive, wanted: dict[str, Any], expected: list[str]) -> None:
    assert cameras(filled, **wanted) == expected


SCOPES = [
    (DataFilter(), ["nowhere", "lake", "yard", "gate"]),
    (DataFilter(agencies=frozenset({"pc07"})), ["lake", "gate"]),
    (DataFilter(areas=frozenset({"ba-dinh"})), ["lake", "yard"]),
    (DataFilter(agencies=frozenset({"pc07"}), areas=frozenset({"ba-dinh"})), ["lake"]),
    (DataFilter(agencies=frozenset()), []),
]


@pytest.mark.parametrize(("scope", "expected"), SCOPES)
def test_one_sees_only_ones_own_everywhere(
    filled: Archive, scope: DataFilter, expected: list[str]
) -> None:
    assert cameras(filled, scope=scope) == expected
    for alert in filled.alerts().items:
        visible = filled.alert(alert.id, scope) is not None
        assert visible == (alert.camera_id in expected)
        assert visible == scope.sees(alert.agency, alert.area)
    changed = {change.alert.camera_id for change in filled.changes_after(0, 100, scope).items}
    assert changed == set(expected)


def test_evidence_is_seen_only_with_its_alert(archive: Archive) -> None:
    from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef

    ref = EvidenceRef(kind=EvidenceKind.CLIP, path="a/clip.mp4", sha256="a" * 64, bytes=1)
    archive.take_in(fake_message(1, evidence=(ref,)), queued_at=NOW, now=NOW, camera=FACTS.get)
    clip = archive.alerts().items[0].clip
    assert clip is not None
    seen = archive.evidence(clip, DataFilter(agencies=frozenset({"pc07"})))
    assert seen is not None
    assert (seen.agency, seen.area) == ("pc07", "cua-nam")
    assert archive.evidence(clip, DataFilter(agencies=frozenset({"evn"}))) is None


def test_pages_join_without_a_seam(filled: Archive) -> None:
    for size in (1, 2, 3, 4, 5):
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = filled.alerts(AlertFilter(limit=size, cursor=cursor))
            seen += [alert.camera_id for alert in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert seen == ["nowhere", "lake", "yard", "gate"]


def test_alerts_of_one_moment_are_paged_each_once(archive: Archive) -> None:
    for seq in range(1, 8):
        message = fake_message(
            seq, camera_id=f"camera-{seq}", event_id=f"event-{seq}", captured_at=FIRST_AT
        )
        archive.take_in(message, queued_at=NOW, now=NOW, camera=FACTS.get)
    first = archive.alerts(AlertFilter(limit=4))
    second = archive.alerts(AlertFilter(limit=4, cursor=first.next))
    assert len({alert.id for alert in (*first.items, *second.items)}) == 7
    assert second.next is None


def test_an_alert_that_comes_while_one_pages_shifts_nothing(filled: Archive) -> None:
    first = filled.alerts(AlertFilter(limit=2))
    message = fake_message(9, camera_id="new", event_id="new")
    filled.take_in(message, queued_at=NOW, now=NOW, camera=FACTS.get)
    second = filled.alerts(AlertFilter(limit=2, cursor=first.next))
    assert [alert.camera_id for alert in second.items] == ["yard", "gate"]


def written(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        r'[1.0, "a\u0000b"]',
        r'[1.0, "\ud800"]',
        r'[1.0, "\u001b[2J"]',
        '[1.0, "ệ"]',
        '[1.0, ""]',
        '[1.0, "' + "x" * 65 + '"]',
        "[" + "9" * 400 + ', "a"]',
        "[" * 2000,
        '[[1.0], "a"]',
    ],
)
def test_a_cursor_of_garbage_is_refused_before_the_database_sees_it(
    archive: Archive, text: str
) -> None:
    with pytest.raises(BadCursor):
        archive.alerts(AlertFilter(cursor=written(text)))


def test_a_cursor_with_a_number_of_400_digits_is_refused_in_every_order(archive: Archive) -> None:
    cursor = written("[" + "9" * 400 + ', 1.0, "a"]')
    for sort in ("answered", "urgency", "camera"):
        with pytest.raises(BadCursor):
            archive.alerts(AlertFilter(cursor=cursor, sort=sort))


@pytest.mark.parametrize(
    "cursor", ["", "x", "!!!!", "W10=", "WyJhIiwgImIiXQ==", "W05hTiwgImEiXQ==", "bnVsbA==", "ệ"]
)
def test_a_cursor_that_is_not_ours_is_refused(archive: Archive, cursor: str) -> None:
    with pytest.raises(BadCursor):
        archive.alerts(AlertFilter(cursor=cursor))


@pytest.mark.parametrize("limit", [-1, 0, 1])
def test_a_page_has_at_least_one(filled: Archive, limit: int) -> None:
    assert len(filled.alerts(AlertFilter(limit=limit)).items) == 1


def test_the_feed_continues_after_any_number(filled: Archive) -> None:
    whole = filled.changes_after(0)
    assert [change.seq for change in whole.items] == [
        1,
        3,
        5,
        7,
        8,
    ]  # between them those of incidents
    assert (whole.complete, whole.last_seq) == (True, 8)
    part = filled.changes_after(2, limit=2)
    assert [change.seq for change in part.items] == [3, 5]
    assert (part.complete, part.last_seq) == (True, 5)
    end = filled.changes_after(8)
    assert (end.items, end.complete, end.last_seq) == ((), True, 8)
    assert (filled.last_seq(), filled.oldest_seq()) == (8, 1)


def test_a_reader_in_whose_scope_nothing_changed_is_moved_on(filled: Archive) -> None:
    nothing = filled.changes_after(0, 100, DataFilter(agencies=frozenset({"none"})))
    assert (nothing.items, nothing.complete, nothing.last_seq) == ((), True, 8)


def test_changes_that_are_no_longer_kept_are_a_gap(filled: Archive) -> None:
    filled.delete_old(NOW + 100, changes_kept_s=50, keys_kept_s=1000)
    assert filled.oldest_seq() == 9
    assert not filled.changes_after(0).complete
    assert not filled.changes_after(7).complete
    assert filled.changes_after(8).complete
    message = fake_message(9, camera_id="new", event_id="new")
    filled.take_in(message, queued_at=NOW, now=NOW + 100, camera=FACTS.get)
    after = filled.changes_after(8)
    assert ([change.seq for change in after.items], after.complete) == ([9], True)


def test_a_number_from_another_archive_is_a_gap(filled: Archive) -> None:
    ahead = filled.changes_after(99)
    assert (ahead.complete, ahead.last_seq) == (False, 8)


def test_a_forgotten_key_is_free_again(filled: Archive) -> None:
    newest = filled.alerts().items[0]
    order = CommandRequest(
        alert_id=newest.id,
        action=AlertAction.CONFIRM,
        actor=Actor(username="an", name="An", role=Role.OPERATOR),
        expected_version=newest.version,
        idempotency_key="k",
    )
    filled.delete_old(NOW + 100, changes_kept_s=1000, keys_kept_s=50)
    assert filled.command(order, NOW + 100).outcome == "done"
    replay = filled.command(dataclasses.replace(order), NOW + 101)
    assert replay.replayed
