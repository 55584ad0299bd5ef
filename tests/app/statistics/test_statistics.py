"""Outcomes and statistics over HTTP: written once, corrected with a trace, counted, opened."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from uuid6 import uuid7

from tests.app.calls.test_calls import taken
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.statistics.statistic_rows import (
    CountedCalls,
    CountedMonths,
    statistic_rows,
)
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.cli.check import _of_statistics
from thapcanh.app.reports.export_words import SITUATION_WORDS
from thapcanh.app.reports.paper.content import Listing, Paper
from thapcanh.app.statistics.statistic_form import read_form, row_words
from thapcanh.app.web_api.language import Language

pytestmark = pytest.mark.filterwarnings("ignore:Workbook contains no default style")

MakeDesk = Callable[..., Desk]
URL = "/api/v1/statistics"
MONTH = "2026-11"


def write(desk: Desk, incident: str, **facts: Any) -> httpx.Response:
    url = f"/api/v1/incidents/{incident}/outcome"
    return desk.post(url, headers={"X-CSRF-Token": desk.csrf}, json=facts)


def close(desk: Desk, incident: str, disposition: str = "handled", version: int = 1) -> None:
    headers = {
        "X-CSRF-Token": desk.csrf, "Idempotency-Key": str(uuid7()), "If-Match": str(version)
    }  # fmt: skip
    url = f"/api/v1/incidents/{incident}/close"
    done = desk.post(url, headers=headers, json={"disposition": disposition})
    assert done.status_code == 200, done.text


def figures(desk: Desk, asked: str = f"month={MONTH}") -> dict[tuple[str, str], dict[str, Any]]:
    answer = desk.get(f"{URL}?{asked}")
    assert answer.status_code == 200, answer.text
    return {(row["part"], row["name"]): row for row in answer.json()["rows"]}


def incident_of(desk: Desk, **facts: Any) -> str:
    found: str = taken(desk, **facts).json()["incident"]
    return found


def test_every_figure_is_counted_from_incidents_and_opens_them(desk: Desk, centre: Centre) -> None:
    market, hut = incident_of(desk), incident_of(desk, line="112")
    hoax = incident_of(desk, line="114")
    facts = {"dead": 1, "injured": 2, "damage_vnd": 5e8, "cause": "electrical"}
    written = write(desk, market, **facts, premises="market", vehicles=3)
    assert written.status_code == 200, written.text
    assert written.json()["facts"]["rescued"] is None
    close(desk, market)
    close(desk, hut)
    close(desk, hoax, "hoax")
    found = figures(desk)

    def told(part: str, name: str) -> tuple[float | None, list[str]]:
        row = found[part, name]
        return row["value"], row["incidents"]

    assert told("incidents", "total") == (3, [market, hut, hoax])
    assert told("incidents", "fires") == (2, [market, hut])
    assert told("incidents", "hoax") == (1, [hoax])
    assert told("outcome", "dead") == (1, [market])
    assert told("outcome", "damage_vnd") == (5e8, [market])
    assert told("outcome", "rescued") == (None, [])
    assert told("outcome", "missing") == (1, [hut]), "a sum must not look complete"
    assert told("cause", "electrical") == (1, [market])
    assert told("cause", "not_said") == (1, [hut])
    assert told("premises", "market") == (1, [market])
    assert told("calls", "line_112") == (1, [])
    assert told("calls", "hoaxes") == (1, [hoax])
    opened = desk.get(f"{URL}/incidents?month={MONTH}&part=incidents&name=fires").json()
    assert (opened["count"], [one["id"] for one in opened["items"]]) == (2, [market, hut])
    assert figures(desk, "quarter=2026-Q4")["incidents", "total"]["value"] == 3
    assert figures(desk, "year=2026")["incidents", "total"]["value"] == 3
    assert figures(desk, "month=2026-10")["incidents", "total"]["value"] == 0
    assert centre.archive.verify_chain().ok


def test_duplicate_calls_are_counted_and_open_their_incident(desk: Desk) -> None:
    first = incident_of(desk)
    again = taken(desk).json()
    headers = {"X-CSRF-Token": desk.csrf, "Idempotency-Key": str(uuid7()), "If-Match": "1"}
    body = {"type": "call", "id": again["id"]}
    joined = desk.post(f"/api/v1/incidents/{first}/join", headers=headers, json=body)
    assert joined.status_code == 200, joined.text
    found = figures(desk)
    assert found["calls", "total"]["value"] == 2
    assert found["calls", "duplicates"]["value"] == 1
    assert found["calls", "duplicates"]["incidents"] == [first]
    assert found["incidents", "total"]["value"] == 1


def test_an_outcome_is_corrected_with_a_trace_and_not_over_anothers(
    desk: Desk, desk_of: MakeDesk, centre: Centre
) -> None:
    incident = incident_of(desk)
    assert write(desk, incident, dead=1).json()["version"] == 1
    binh = desk_of("binh", Role.OPERATOR)
    refused = write(binh, incident, dead=2)
    assert (refused.status_code, refused.json()["error"]) == (409, "outcome_changed")
    assert write(binh, incident, dead=2, version=1).json()["facts"]["dead"] == 2
    lines = centre.archive.log_of(incident)
    dead = [line.details["dead"] for line in lines if line.action == "outcome_noted"]
    assert dead == [1, 2]
    assert centre.archive.verify_chain().ok


def test_what_is_no_outcome_is_refused(desk: Desk) -> None:
    incident = incident_of(desk)
    for wrong in ({"dead": -1}, {"dead": "hai"}, {"cause": "ma"}, {"damage_vnd": 1e99}, {"x": 1}):
        assert write(desk, incident, **wrong).json()["error"] == "invalid_input"
    assert write(desk, "nothing", dead=1).status_code == 404


def test_periods_that_are_none_are_refused(desk: Desk) -> None:
    for wrong in ("month=2026-13", "month=11", "quarter=2026-Q5", "year=1999", "year=2027"):
        answer = desk.get(f"{URL}?{wrong}")
        assert (answer.status_code, answer.json()["error"]) == (422, "statistic_period"), wrong
    assert desk.get(f"{URL}?month={MONTH}&year=2026").json()["error"] == "statistic_period"


def test_another_agencys_incidents_are_in_no_figure(desk_of: MakeDesk) -> None:
    pc07 = desk_of("cc", Role.OPERATOR, DataFilter(agencies=frozenset({"pc07"})))
    csgt = desk_of("gt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    incident = incident_of(pc07)
    assert figures(csgt)["incidents", "total"]["value"] == 0
    assert figures(csgt)["calls", "total"]["value"] == 0
    assert write(csgt, incident, dead=1).status_code == 404
    assert csgt.get(f"/api/v1/incidents/{incident}/outcome").status_code == 404


def test_the_form_has_the_figures_of_the_screen(desk: Desk) -> None:
    incident = incident_of(desk)
    write(desk, incident, injured=4, cause="gas")
    book = desk.get(f"{URL}/export.xlsx?month={MONTH}")
    assert book.status_code == 200, book.text
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    rows = {(row[0], row[1]): row for row in sheet.iter_rows(min_row=2, values_only=True)}
    injured = rows["Thiệt hại và lực lượng: các vụ cháy, nổ", "Số người bị thương"]
    number = desk.get(f"/api/v1/incidents/{incident}").json()["number"]
    assert (injured[2], injured[-1]) == (4, number)
    assert len(rows) == len(figures(desk))
    paper = desk.get(f"{URL}/export.pdf?month={MONTH}")
    assert paper.content.startswith(b"%PDF")


def test_every_figure_has_words() -> None:
    nothing = CountedMonths(incidents=[], calls=CountedCalls())
    rows = statistic_rows(nothing, [])
    for language in Language:
        assert all(row_words(row, language) for row in rows)


@pytest.mark.parametrize("language", list(Language))
def test_what_has_no_verdict_is_not_called_real_beside_the_situation(language: Language) -> None:
    """Both papers lie before a commander: 0 true, 6 without verdict; and here 6 of the two."""
    rows = statistic_rows(CountedMonths(incidents=[], calls=CountedCalls()), [])
    (words,) = [row_words(row, language) for row in rows if row.name == "real"]
    for verdict in ("confirmed", "unjudged"):
        said = SITUATION_WORDS[f"situation.{verdict}"][language is Language.EN]
        assert said.casefold() in words.casefold()
    of_screens = Path(__file__).parents[3] / f"app/web/src/i18n/{language.value}/statistics.ts"
    assert f"real: '{words}'," in of_screens.read_text(encoding="utf-8")


FORM = """
title = "BÁO CÁO CÔNG TÁC THÁNG"
subject = "Công tác chữa cháy"
signer = "ĐỘI TRƯỞNG"
recipients = ["Phòng PC07;"]
[[parts]]
title = "Người"
rows = [{ figure = "outcome.injured", title = "Bị thương (người)" }, { figure = "outcome.dead" }]
[[parts]]
title = "Vụ"
rows = [{ figure = "incidents.fires" }]
"""


def use_form(centre: Centre, text: str) -> None:
    file = centre.folder / "form.toml"
    file.write_text(text, "utf-8")
    told = centre.site().centre.model_copy(update={"statistics_form": file})
    centre.site.replace(centre.site().model_copy(update={"centre": told}))


def sheet_of(desk: Desk) -> list[tuple[Any, ...]]:
    book = desk.get(f"{URL}/export.xlsx?month={MONTH}")
    assert book.status_code == 200, book.text
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    return list(sheet.iter_rows(min_row=2, values_only=True))


def test_a_site_exports_by_its_own_form(
    desk: Desk, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(desk, incident_of(desk), injured=4)
    use_form(centre, FORM)
    number = sheet_of(desk)[0][-1]
    assert [(row[0], row[1], row[2]) for row in sheet_of(desk)] == [
        ("Người", "Bị thương (người)", 4),
        ("Người", "Số người chết", "chưa rõ"),
        ("Vụ", "Tổng số vụ cháy, nổ", 1),
    ]
    assert number.startswith("VV-"), "each figure opens its incidents"
    drawn: list[Paper] = []

    def draw(paper: Paper) -> bytes:
        drawn.append(paper)
        return b"%PDF"

    monkeypatch.setattr("thapcanh.app.reports.paper.pdf.pdf", draw)
    assert desk.get(f"{URL}/export.pdf?month={MONTH}").status_code == 200
    (paper,) = drawn
    assert (paper.title, paper.signer) == ("BÁO CÁO CÔNG TÁC THÁNG", "ĐỘI TRƯỞNG")
    assert paper.subject.startswith("Công tác chữa cháy tháng 11/2026")
    tables = [block for block in paper.blocks if isinstance(block, Listing)]
    assert [one.title for one in tables] == ["I. NGƯỜI", "II. VỤ"]
    assert tables[0].rows[0][:2] == ["Bị thương (người)", "4"]
    assert tables[0].rows[1][:2] == ["Số người chết", "1 vụ chưa rõ"]


def test_the_form_that_is_downloaded_is_the_one_in_force(desk: Desk, centre: Centre) -> None:
    told = desk.get(f"{URL}/form")
    assert told.status_code == 200
    use_form(centre, told.text)
    assert read_form(centre.site().centre.statistics_form).parts
    assert len(sheet_of(desk)) == len(figures(desk)), "every figure, before anything is changed"
    assert desk.get(f"{URL}/form").text == told.text
    use_form(centre, FORM)
    assert 'title = "Bị thương (người)"' in desk.get(f"{URL}/form").text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[parts]", "line 1"),
        (
            FORM.replace("outcome.dead", "outcome.died"),
            "no such figure, did you mean 'outcome.dead'",
        ),
        (FORM.replace('"outcome.dead"', '"outcome.dead", value = 7'), "parts[0].rows[1].value"),
        (FORM.replace('"Vụ"', '""'), "parts[1].title"),
        (FORM + "[[parts]]\ntitle = 'a'\nrows = []\n", "parts[2].rows"),
    ],
)
def test_a_form_that_is_wrong_is_told_and_exports_nothing(
    desk: Desk, centre: Centre, text: str, problem: str
) -> None:
    use_form(centre, text)
    for path in ("export.xlsx", "export.pdf", "form"):
        answer = desk.get(f"{URL}/{path}")
        assert (answer.status_code, answer.json()["error"]) == (409, "statistics_form_wrong"), path
        assert problem in answer.json()["detail"]
    told = list(_of_statistics(centre.site()))
    assert any(problem in one for one in told), told
    assert desk.get(URL).status_code == 200, "the screen goes on"
