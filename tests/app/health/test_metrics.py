"""`/metrics` of a real centre: only for who shows the token, and not there without one."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from tests.app.health.test_prometheus_text import of, read, worker
from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import Centre, Desk, made_site, serving
from tests.app.web_api.heard import events_of, is_change, until
from tests.made_archives import archive_at
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.config.servers.processes import MetricsConfig

TOKEN = "một-mã-dài-đủ-cho-máy-đọc"
SITE = made_site().model_copy(update={"metrics": MetricsConfig(token=SecretStr(TOKEN))})


def stage_count(address: str, stage: str) -> float:
    return of(read(scrape(address).content), "stage_seconds_count", stage=stage)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Centre, str]]:
    folder: Path = tmp_path_factory.mktemp("measured")
    archive = archive_at(folder / "archive.sqlite")
    centre = Centre(archive=archive, folder=folder, site=SiteHolder(SITE), workers=[worker()])
    with serving(centre) as served:
        yield centre, served.address
    archive.close()


def scrape(address: str, token: str | None = TOKEN, query: str = "") -> httpx.Response:
    headers = {} if token is None else {b"Authorization": f"Bearer {token}".encode()}
    return anonymous_get(f"{address}/metrics{query}", headers=headers)


def test_the_token_opens_it(measured: tuple[Centre, str]) -> None:
    answer = scrape(measured[1])
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["cache-control"] == "no-store"
    samples = read(answer.content)
    assert of(samples, "looks_total", worker="worker-0") == 70
    assert of(samples, "queue_up") == 1
    assert of(samples, "requests_turned_away_total") == 0
    assert "camera=" not in answer.text
    assert 'camera="cam-1"' in scrape(measured[1], query="?cameras=1").text


def test_a_trouble_that_a_screen_lists_is_scraped(measured: tuple[Centre, str]) -> None:
    centre, address = measured
    before = read(scrape(address).content)
    assert [of(before, "system_alerts", kind=kind) for kind in SystemKind] == [0] * len(SystemKind)
    centre.raise_alert("backup", SystemKind.BACKUP_LATE)
    assert of(read(scrape(address).content), "system_alerts", kind="backup_late") == 1


@pytest.mark.parametrize("token", [None, "Bearer", "wrong", TOKEN[:-1], TOKEN + "x"])
def test_nobody_else_gets_in(measured: tuple[Centre, str], token: str | None) -> None:
    answer = scrape(measured[1], token)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "thapcanh_" not in answer.text


def test_a_login_is_no_token(measured: tuple[Centre, str]) -> None:
    centre, address = measured
    centre.add_user("root", Role.ADMIN)
    with Desk(address) as desk:
        assert desk.log_in("root").get("/metrics").status_code == 401


def test_the_way_to_the_screen_is_counted(measured: tuple[Centre, str]) -> None:
    centre, address = measured
    centre.add_user("an", Role.OPERATOR)
    with Desk(address) as desk, desk.log_in("an").stream("GET", "/api/v1/stream") as stream:
        heard = events_of(stream)
        until(heard, lambda one: one.name == "heartbeat")
        alert_id = centre.raise_alert()
        until(heard, is_change)
        seen = {"seq": 1, "rendered_at": centre.clock.at}
        path = f"/api/v1/alerts/{alert_id}/rendered"
        answer = desk.post(path, json=seen, headers={"X-CSRF-Token": desk.csrf})
        assert answer.status_code == 204
        until(heard, lambda _: stage_count(address, "stored_pushed") >= 1)  # noted a little later
    assert stage_count(address, "pushed_rendered") == 1


def test_without_a_token_there_is_no_such_page(standing_address: str) -> None:
    for token in (None, "None", TOKEN):
        assert scrape(standing_address, token).status_code == 404
