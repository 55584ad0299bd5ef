"""Sums of what outcomes say: what nobody said is told, and is never zero."""

import io

import openpyxl
import pytest

from tests.app.statistics.test_statistics import MONTH, URL, figures, incident_of, write
from tests.app.web_api.centre import Desk
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.statistics.outcomes import OutcomeFacts
from thapcanh.alerts.statistics.statistic_rows import (
    CountedCalls,
    CountedIncident,
    CountedMonths,
    statistic_rows,
)

pytestmark = pytest.mark.filterwarnings("ignore:Workbook contains no default style")


def test_dead_of_whom_nobody_said_anything_are_not_zero(desk: Desk) -> None:
    """An outcome whose figures were left open made "0 dead", "0 m² burned"."""
    open_one, said, crash = incident_of(desk), incident_of(desk), incident_of(desk, kind="traffic")
    write(desk, open_one, cause="gas")
    silent = figures(desk)
    for name in ("dead", "injured", "rescued", "damage_vnd", "area_m2", "vehicles", "water_m3"):
        row = silent["outcome", name]
        assert row["value"] is None, name
        assert row["not_said"] == [open_one, said], name
        assert row["before_not_said"] == [None, None], "before the archive began"
    assert silent["other_outcome", "dead"]["not_said"] == [crash]
    write(desk, said, dead=0, injured=2)
    dead, injured = (figures(desk)["outcome", name] for name in ("dead", "injured"))
    assert (dead["value"], dead["incidents"], dead["not_said"]) == (0, [], [open_one])
    assert (injured["value"], injured["incidents"]) == (2, [said])
    url = f"{URL}/incidents?month={MONTH}&part=outcome&name=injured"
    lacking = desk.get(f"{url}&not_said=true").json()
    assert [one["id"] for one in lacking["items"]] == [open_one]
    assert [one["id"] for one in desk.get(url).json()["items"]] == [said]
    book = desk.get(f"{URL}/export.xlsx?month={MONTH}", headers={"Accept-Language": "en"})
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    heads, *cells = sheet.iter_rows(values_only=True)
    told = {
        row[1]: dict(zip(heads, row, strict=True)) for row in cells if "other" not in str(row[0])
    }
    now, lacks = "This period", "This period: incidents not known"
    assert [told[one][now] for one in ("Dead", "Injured", "Rescued")] == [0, 2, "not known"]
    assert [told[one][lacks] for one in ("Dead", "Injured", "Rescued")] == [1, 1, 2]


def test_an_earlier_sum_that_lacks_incidents_says_so() -> None:
    def month(*said: int | None) -> CountedMonths:
        incidents = [
            CountedIncident(
                id=str(number), kind=IncidentKind.FIRE, disposition=None, is_closed=True,
                outcome=OutcomeFacts(dead=dead),
            )
            for number, dead in enumerate(said)
        ]  # fmt: skip
        return CountedMonths(incidents=incidents, calls=CountedCalls())

    rows = statistic_rows(month(), [month(1, None), month(None), None])
    (dead,) = [one for one in rows if (one.part, one.name) == ("outcome", "dead")]
    assert (dead.value, dead.not_said) == (0, ()), "nothing happened"
    assert (dead.before, dead.before_not_said) == ((1, None, None), (1, 1, None))


@pytest.mark.parametrize(
    ("typed", "value"), [(None, 5), (OutcomeFacts(), 5), (OutcomeFacts(vehicles=0), 3)]
)
def test_vehicles_that_nobody_typed_are_those_that_were_sent(
    typed: OutcomeFacts | None, value: int
) -> None:
    def counted(name: str, outcome: OutcomeFacts | None, sent: int) -> CountedIncident:
        return CountedIncident(
            id=name, kind=IncidentKind.FIRE, disposition=None, is_closed=True, outcome=outcome,
            sent_units=sent,
        )  # fmt: skip

    found = [counted("a", typed, 2), counted("b", None, 3), counted("c", None, 0)]
    rows = statistic_rows(CountedMonths(incidents=found, calls=CountedCalls()), [])
    (row,) = [one for one in rows if (one.part, one.name) == ("outcome", "vehicles")]
    assert row.value == value
    assert row.incidents == (("a", "b") if value == 5 else ("b",))


def test_the_burned_area_and_the_dead_of_a_crash_are_not_those_of_fires(desk: Desk) -> None:
    """2,058 m² for 1,260: areas of crimes and accidents were in the sum, in its gap never."""
    fire, crash = incident_of(desk), incident_of(desk, kind="traffic")
    write(desk, fire, area_m2=1260, dead=0)
    write(desk, crash, area_m2=798, dead=2)
    found = figures(desk)
    area, dead = found["outcome", "area_m2"], found["outcome", "dead"]
    assert (area["value"], area["incidents"], area["population"]) == (1260, [fire], "fires")
    assert (dead["value"], dead["population"]) == (0, "fires")
    other = found["other_outcome", "dead"]
    assert (other["value"], other["incidents"], other["population"]) == (2, [crash], "others")
    assert ("other_outcome", "area_m2") not in found
