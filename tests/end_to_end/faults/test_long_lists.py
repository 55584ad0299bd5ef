"""Lists of more than one page holds: what could not be sent, a camera's day."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from tests.end_to_end.drill import Drill, drilling, seat
from thapcanh.alerts.delivery.outbox.directed import send_to
from thapcanh.alerts.store.outbox.outbox import delivery
from thapcanh.alerts.store.outbox.outgoing import daily_test
from thapcanh.alerts.store.roles import Role

pytestmark = pytest.mark.end_to_end


@pytest.fixture
def drill(tmp_path: Path, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path, screens) as running:
        yield running


def _refused(drill: Drill, count: int) -> None:
    now = drill.centre.clock.at
    with drill.centre.archive.database.writing() as connection:
        for number in range(count):
            send_to(connection, daily_test("pccc", now + number), "pccc", now)
        values = {"state": "dead", "error": "HTTP 422", "ended_at": now}
        connection.execute(sa.update(delivery).values(values))


def test_a_list_that_is_cut_says_so_and_shows_more(browser: Browser, drill: Drill) -> None:
    drill.centre.add_user("quan", Role.ADMIN)
    _refused(drill, 130)
    with seat(browser, drill) as admin:
        page = admin.log_in("quan", "/settings/deliveries").page
        expect(page.get_by_role("button", name="Gửi lại")).to_have_count(100)
        expect(page.get_by_role("cell", name="Tin thử", exact=True)).to_have_count(100)
        expect(page.get_by_text("Đang hiện 100 tin mới nhất trong 130.")).to_be_visible()
        page.get_by_role("button", name="Xem thêm").click()
        expect(page.get_by_role("button", name="Gửi lại")).to_have_count(130)
        expect(page.get_by_text("Đang hiện")).to_have_count(0)


def test_a_cameras_day_counts_more_alerts_than_a_page_holds(browser: Browser, drill: Drill) -> None:
    drill.centre.add_user("quan", Role.OPERATOR)
    with seat(browser, drill) as officer:
        page = officer.log_in("quan", "/cameras/cam-1").page
        for _ in range(230):
            drill.centre.raise_alert("cam-1")
        expect(page.get_by_text("230 cảnh báo", exact=True)).to_be_visible()
        expect(page.locator(".strip .mark")).to_have_count(230)
