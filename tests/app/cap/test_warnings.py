"""A sector's CAP warnings over HTTP: sources of incidents, updated, ended, and never twice."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.cap.made_warnings import SENDER, reference, warning
from tests.app.delivery.incidents import LEADER, move, opened
from tests.app.signals.test_signals_api import token_of
from tests.app.web_api.centre import NOW, Centre, serving
from tests.made_archives import archive_at
from tests.patience import PATIENCE_S
from thapcanh.alerts.evidence.rows_by_acts import faults_by_acts
from thapcanh.alerts.incidents.incident_state import IncidentAction, MemberType
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import Incident, IncidentFilter, IncidentPlace
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.incidents.rows.row_records import Source, SourceKind
from thapcanh.alerts.incidents.rows.sources import counts_of, sources_of
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.app.web_api.access.token_scopes import TokenScope

PC07 = DataFilter(agencies=frozenset({"pc07"}))
Post = Callable[[bytes], dict[str, Any]]


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    made = Centre(archive=archive_at(tmp_path / "archive.sqlite"), folder=tmp_path)
    yield made
    made.archive.close()


@pytest.fixture
def post(centre: Centre) -> Iterator[Post]:
    token = token_of(centre, TokenScope.CAP, scope=PC07, sender=SENDER)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/cap+xml"}
    with (
        serving(centre) as web,
        httpx.Client(
            base_url=web.address, headers=headers, trust_env=False, timeout=PATIENCE_S
        ) as client,
    ):

        def send(body: bytes) -> dict[str, Any]:
            answer = client.post("/api/v1/cap", content=body)
            found: dict[str, Any] = answer.json()
            return found | {"status": answer.status_code}

        yield send


def all_of(centre: Centre) -> list[Incident]:
    found = IncidentRepository(centre.archive.database).page(IncidentFilter(scope=EVERYTHING))
    return list(found.items)


def sources(centre: Centre, incident_id: str) -> list[Source]:
    with centre.archive.database.reading() as connection:
        return sources_of(connection, [incident_id], EVERYTHING, 20)[incident_id]


def told(centre: Centre, incident_id: str) -> str:
    (source,) = [one for one in sources(centre, incident_id) if one.kind is SourceKind.SIGNAL]
    return source.text or ""


def test_a_warning_opens_an_incident_with_a_source_in_vietnamese(
    centre: Centre, post: Post
) -> None:
    assert post(warning())["outcome"] == "opened"
    assert post(warning())["outcome"] == "opened"  # the same answer, and nothing new
    (found,) = all_of(centre)
    assert (found.kind, found.priority, found.agency) == (IncidentKind.OTHER, 2, "pc07")
    assert found.place.position == (21.03, 105.85)
    (source,) = sources(centre, found.id)
    assert (source.kind, source.verdict, source.because and source.because.code.value) == (
        SourceKind.SIGNAL, None, "first"
    )  # fmt: skip
    assert (source.text or "").startswith("EVN Hà Nội báo tin: Mất điện diện rộng · hiệu lực đến ")
    with centre.archive.database.reading() as connection:
        counts = counts_of(connection, [found.id], EVERYTHING)[found.id]
    assert counts == {SourceKind.SIGNAL: 1}


def test_an_officer_says_what_a_warning_is_worth(centre: Centre, post: Post) -> None:
    post(warning())
    (found,) = all_of(centre)
    (source,) = sources(centre, found.id)
    move(
        centre, found.id, action=IncidentAction.JUDGE, member_type=MemberType.SIGNAL,
        member_id=source.id, verdict="false", reason="mistaken",
    )  # fmt: skip
    (source,) = sources(centre, found.id)
    assert (source.verdict, source.verdict_reason) == ("false", "mistaken")
    assert len(source.id) <= 64


def test_an_update_and_an_end_change_the_warning(centre: Centre, post: Post) -> None:
    post(warning())
    (found,) = all_of(centre)
    worse = warning(
        "A-2", "Update", sent=NOW - 30, references=reference(), words="Cháy trạm",
        urgency="Immediate",
    )  # fmt: skip
    assert post(worse)["outcome"] == "noted"
    assert "EVN Hà Nội cập nhật: Mất điện · Cháy trạm" in told(centre, found.id)
    assert all_of(centre)[0].priority == 1
    ends = warning("A-3", "Cancel", sent=NOW - 10, references=reference("A-2", NOW - 30))
    assert post(ends)["outcome"] == "noted"
    assert "EVN Hà Nội báo kết thúc" in told(centre, found.id)
    late = warning("A-4", "Update", sent=NOW - 20, references=reference("A-2", NOW - 30))
    assert post(late)["outcome"] == "noted"  # sent before the end, and came after it
    assert "EVN Hà Nội báo kết thúc" in told(centre, found.id)
    (after,) = all_of(centre)
    assert (after.state.value, after.priority) == ("open", 1)  # a machine closes nothing
    with centre.archive.database.reading() as connection:
        assert list(faults_by_acts(connection, 0.0)) == []


def test_an_update_that_comes_before_its_alert_opens_and_the_alert_is_noted(
    centre: Centre, post: Post
) -> None:
    update = warning("A-2", "Update", sent=NOW - 30, references=reference(), words="Mới hơn")
    assert post(update)["outcome"] == "opened"
    assert post(warning())["outcome"] == "noted"
    (found,) = all_of(centre)
    assert "Mới hơn" in told(centre, found.id)


def test_an_alert_that_was_ended_before_it_came_opens_nothing(centre: Centre, post: Post) -> None:
    assert post(warning("A-3", "Cancel", references=reference()))["outcome"] == "unknown"
    update = warning("A-2", "Update", sent=NOW - 90, references=reference())
    assert post(update)["outcome"] == "over"
    assert post(warning())["outcome"] == "over"
    assert all_of(centre) == []


def test_drills_tests_and_what_expired_open_nothing(centre: Centre, post: Post) -> None:
    for status in ("Exercise", "Test", "System", "Draft"):
        assert post(warning(status, status=status))["outcome"] == "not_actual"
    assert post(warning("B-1", expires=NOW - 1))["outcome"] == "over"
    assert post(warning("B-2", expires=None, sent=NOW - 25 * 3600))["outcome"] == "over"
    assert post(warning("B-3", "Ack"))["outcome"] == "unknown"
    assert all_of(centre) == []


def test_messages_that_name_each_other_or_themselves_end(centre: Centre, post: Post) -> None:
    itself = warning("L-1", "Update", references=f"{reference('L-1')} {reference('L-2')}")
    other = warning("L-2", "Update", sent=NOW - 50, references=reference("L-1"))
    assert post(itself)["outcome"] == "opened"
    assert post(other)["outcome"] == "noted"
    assert len(all_of(centre)) == 1


def test_a_date_in_the_future_holds_nothing_up(centre: Centre, post: Post) -> None:
    assert post(warning(sent=NOW + 10 * 365 * 86_400))["outcome"] == "opened"
    (found,) = all_of(centre)
    centre.clock.at += 60
    late = warning("A-2", "Update", sent=NOW + 30, references=reference(), words="Sau này")
    assert post(late)["outcome"] == "noted"
    assert "Sau này" in told(centre, found.id)
    assert post(warning("A-9").replace(b"<sent>2026", b"<sent>9999"))["error"] == "cap_invalid"


def test_a_warning_joins_the_incident_at_its_place(centre: Centre, post: Post) -> None:
    assert post(warning())["outcome"] == "opened"
    other = warning("A-7", area="<circle>21.030200,105.850000 0.1</circle>")
    assert post(other)["outcome"] == "joined"
    (found,) = all_of(centre)
    because = [one.because for one in sources(centre, found.id)]
    assert [one and one.code.value for one in because] == ["first", "near"]
    assert because[1] is not None
    assert because[1].distance_m == pytest.approx(22.2, abs=0.5)


@pytest.mark.parametrize(
    "changes",
    [
        {"area": "<circle>21.030000,105.850000 5</circle>"},  # the whole city: no place
        {"area": "<circle>21.031000,105.850000 0.1</circle>"},  # 111 m away
        {"area": ""},
        {"category": "Fire"},
    ],
)
def test_a_warning_elsewhere_or_of_no_place_joins_nothing(
    centre: Centre, post: Post, changes: dict[str, Any]
) -> None:
    post(warning())
    assert post(warning("A-7", **changes))["outcome"] == "opened"
    assert len(all_of(centre)) == 2


def test_a_warning_joins_no_incident_that_officers_work_on(centre: Centre, post: Post) -> None:
    place = IncidentPlace(text="Cửa Nam", lat=21.03, lon=105.85)
    opened(centre, IncidentKind.OTHER, place=place)
    assert post(warning())["outcome"] == "opened"


def test_a_held_incident_shows_what_is_new(centre: Centre, post: Post) -> None:
    post(warning())
    (found,) = all_of(centre)
    move(centre, found.id, action=IncidentAction.ACKNOWLEDGE)
    assert sources(centre, found.id)[0].unseen_since is None
    post(warning("A-2", "Update", sent=NOW - 30, references=reference()))
    assert sources(centre, found.id)[0].unseen_since == NOW
    assert all_of(centre)[0].owner == LEADER.username


def test_an_update_that_is_worse_than_a_closed_incident_opens_another(
    centre: Centre, post: Post
) -> None:
    post(warning())
    (found,) = all_of(centre)
    move(
        centre, found.id, action=IncidentAction.CLOSE, disposition="handled", note="xong",
        despite=("sources",),
    )  # fmt: skip
    same = warning("A-2", "Update", sent=NOW - 30, references=reference())
    assert post(same) | {} == post(same)
    assert len(all_of(centre)) == 1
    worse = warning("A-3", "Update", sent=NOW - 20, references=reference(), urgency="Immediate")
    assert post(worse)["outcome"] == "opened"
    assert len(all_of(centre)) == 2


def test_a_geocode_names_the_area(centre: Centre, post: Post) -> None:
    code = "<geocode><valueName>ma-xa</valueName><value>Tay-Ho</value></geocode>"
    post(warning(area=code))
    assert [one.area for one in all_of(centre)] == ["tay-ho"]


def test_a_stranger_and_a_huge_body_are_refused(centre: Centre, post: Post) -> None:
    assert post(warning(sender="other.example"))["error"] == "cap_sender_foreign"
    assert post(warning() + b" " * 100_000)["error"] == "too_large"
    with suppress(httpx.TransportError):  # it is cut off, maybe before it has read the answer
        assert post(warning() + b" " * 10_000_000)["status"] == 413
    entity = b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>"
    assert post(warning().replace(b"?><alert", b"?>" + entity + b"<alert"))["status"] == 422
    assert all_of(centre) == []
