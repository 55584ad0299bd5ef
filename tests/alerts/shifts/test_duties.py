"""Gaps and double bookings of a roster, and files of it, line by line."""

from datetime import date, datetime, time
from typing import Any

import pytest

from thapcanh.alerts.shifts.duties import (
    Duty,
    DutyFile,
    RosterDuty,
    RosterFault,
    on_duty_at,
    read_duties,
    roster_problems,
)
from thapcanh.config.local_time import LOCAL_TZ

H = 3600.0
PEOPLE = {"an": "Nguyễn Văn An", "chi": "Lê Chi", "hai": "Trần Hải", "hai2": "Trần Hải"}


def duty(number: int, username: str, begins: float, ends: float, kind: Duty = Duty.DESK) -> Any:
    return RosterDuty(
        id=str(number), username=username, duty=kind, begins_at=begins * H, ends_at=ends * H
    )


def test_hours_of_nobody_are_named() -> None:
    duties = [duty(1, "an", 0, 24), duty(2, "chi", 23, 47), duty(3, "an", 48, 60)]
    found = roster_problems(duties, -1 * H, 72 * H)
    assert [(one.fault, one.begins_at / H, one.ends_at / H) for one in found] == [
        (RosterFault.GAP, -1, 0),
        (RosterFault.GAP, 47, 48),
        (RosterFault.GAP, 60, 72),
    ]
    assert roster_problems([duty(1, "an", -5, 30)], 0, 24 * H) == ()


def test_a_duty_inside_a_longer_one_opens_no_gap() -> None:
    duties = [duty(1, "an", 0, 24), duty(2, "chi", 2, 4)]
    assert roster_problems(duties, 0, 24 * H) == ()


def test_being_on_call_is_looked_at_once_the_roster_names_it() -> None:
    duties = [duty(1, "an", 0, 24), duty(2, "chi", 0, 12, Duty.ON_CALL)]
    (gap,) = roster_problems(duties, 0, 24 * H)
    assert (gap.fault, gap.duty, gap.begins_at / H) == (RosterFault.GAP, Duty.ON_CALL, 12)


def test_one_person_twice_is_named_whatever_the_duties_are() -> None:
    duties = [duty(1, "an", 0, 24), duty(2, "an", 20, 30, Duty.ON_CALL), duty(3, "chi", 0, 30)]
    found = [one for one in roster_problems(duties, 0, 24 * H) if one.fault is RosterFault.DOUBLE]
    assert [(one.username, one.begins_at / H, one.ends_at / H) for one in found] == [("an", 20, 24)]


def test_who_is_on_duty_at_the_moment_of_the_change() -> None:
    duties = [duty(1, "an", 0, 24), duty(2, "chi", 24, 48), duty(3, "hai", 0, 48, Duty.ON_CALL)]
    assert on_duty_at(duties, Duty.DESK, 24 * H) == {"chi"}
    assert on_duty_at(duties, Duty.DESK, 24 * H - 1) == {"an"}


def read(*lines: list[Any]) -> DutyFile:
    return read_duties(enumerate(lines, 1), PEOPLE)


def test_a_file_names_people_by_account_or_full_name() -> None:
    found = read(
        ["date", "username", "duty", "begins", "hours"],
        ["26/11/2026", "an", "", "", ""],
        [datetime(2026, 11, 27), "le chi", "Trực ban", time(8), 12],  # noqa: DTZ001 as workbooks
        [],
        [date(2026, 11, 27), "an", "on_call", "19:30", "2,5"],
    )
    assert found.problems == ()
    first, second, third = [one.duty for one in found.lines]
    seven = datetime(2026, 11, 26, 7, tzinfo=LOCAL_TZ).timestamp()
    assert (first.duty, first.begins_at, first.ends_at) == (Duty.DESK, seven, seven + 24 * H)
    assert (second.username, second.begins_at) == ("chi", seven + 25 * H)
    assert (third.duty, third.ends_at - third.begins_at) == (Duty.ON_CALL, 2.5 * H)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["2026-02-30", "an"], "date_wrong"),
        (["9999-12-31", "an"], "date_wrong"),
        (["0001-01-01", "an"], "date_wrong"),
        (["2026-11-26", "binh"], "person_unknown"),
        (["2026-11-26", "Trần Hải"], "person_unknown"),  # two people have that name
        (["2026-11-26", "an", "nights"], "duty_unknown"),
        (["2026-11-26", "an", "desk", "25:00"], "begins_wrong"),
        (["2026-11-26", "an", "desk", "07:00", "nan"], "hours_wrong"),
        (["2026-11-26", "an", "desk", "07:00", 49], "hours_wrong"),
    ],
)
def test_each_wrong_line_is_told_with_its_number(cells: list[Any], code: str) -> None:
    found = read(["date", "username", "duty", "begins", "hours"], ["2026-11-25", "chi"], cells)
    (wrong,) = found.problems
    assert (wrong.line, wrong.code) == (3, code)
    assert any(str(cell) in str(wrong.facts["cell"]) for cell in cells)


def test_a_file_that_books_a_person_twice_names_both_lines() -> None:
    found = read(
        ["username", "date"], ["an", "2026-11-26"], ["chi", "2026-11-26"], ["an", "2026-11-26"]
    )
    (wrong,) = found.problems
    assert (wrong.line, wrong.code) == (4, "duty_twice")
    assert wrong.facts == {"username": "an", "other": 2}


def test_unknown_columns_are_one_problem() -> None:
    found = read(["date", "officer"], ["2026-11-26", "an"])
    (wrong,) = found.problems
    assert (wrong.line, wrong.code) == (1, "roster_columns")
    assert "username" in str(wrong.facts["expected"])
