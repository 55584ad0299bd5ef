"""Every time in a record says what it is and by whose clock.

A record said "detected 04:44:30" of the worker's picture and, below it, "detected by the machine
04:46:26" of the centre's log.
"""

from collections.abc import Callable

import pytest

from tests.app.web_api.centre import Centre, Desk
from tests.app.web_api.exported import fetched
from thapcanh.alerts.store.roles import Role
from thapcanh.app.reports.export_words import _WORDS, ExportVocabulary
from thapcanh.app.reports.paper.content import moment
from thapcanh.app.web_api.language import Language

CLOCKS = {Language.VI: ("(giờ máy phát hiện)", "(giờ trung tâm)"),
          Language.EN: ("(detecting machine's clock)", "(centre's clock)")}  # fmt: skip
TIMES = sorted(name for name in _WORDS if name.endswith("_at"))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", TIMES)
def test_every_time_of_an_export_names_its_clock(name: str, language: Language) -> None:
    assert ExportVocabulary(language)(name).endswith(CLOCKS[language])


def test_a_record_has_no_two_times_of_detection(
    centre: Centre, desk_of: Callable[..., Desk]
) -> None:
    desk = desk_of("an", Role.LEADER)
    seen_at, taken_in_at = centre.clock.at - 116.0, centre.clock.at
    alert = centre.raise_alert(captured_at=seen_at)
    page = fetched(desk, unblurred=True, what="record_html", alert=alert).text
    assert page.count("áy phát hiện lúc") == 1
    assert "Máy phát hiện lúc (giờ máy phát hiện)" in page
    assert "Thời điểm (giờ trung tâm)" in page
    assert "Trung tâm nhận cảnh báo của máy" in page
    assert moment(seen_at) in page
    assert moment(taken_in_at) in page
