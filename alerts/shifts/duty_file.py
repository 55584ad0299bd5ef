"""A roster as lines of cells: `date,username,duty,begins,hours`, from a CSV or a workbook. Pure.

A person is named by account or by full name. Without a duty it is the desk's; without a time it
begins at 07:00, and lasts 24 hours.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from alerts.shifts.duties import LONGEST_S, SHORTEST_S, Duty, NewDuty
from alerts.store.plain_text import plain
from alerts.store.wrong_line import WrongCell, WrongLine
from config.local_time import LOCAL_TZ

COLUMNS = ("date", "username", "duty", "begins", "hours")
_NEEDED = ("date", "username")
MOST_LINES = 2000
_DAY_FORMS = ("%Y-%m-%d", "%d/%m/%Y")
_CLOCK = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)(:00)?$")
_BEGINS = time(7)
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_HOURS = 24.0
_DUTIES: Mapping[str, Duty] = {
    "": Duty.DESK,
    "desk": Duty.DESK,
    "truc ban": Duty.DESK,
    "on_call": Duty.ON_CALL,
    "on call": Duty.ON_CALL,
    "nhan tin": Duty.ON_CALL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyLine:
    """A duty and the line that it stands on."""

    line: int
    duty: NewDuty


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyFile:
    """What a file says, and each wrong line with what is wrong."""

    lines: tuple[DutyLine, ...] = ()
    problems: tuple[WrongLine, ...] = ()


def read_duties(lines: Iterable[tuple[int, Sequence[Any]]], people: Mapping[str, str]) -> DutyFile:
    """Read a file's lines; `people` are accounts with their full names."""
    numbered = iter(lines)
    head = [str(cell or "").strip().lower() for cell in next(numbered, (1, ()))[1]]
    while head and not head[-1]:
        head.pop()
    if set(head) - set(COLUMNS) or not set(_NEEDED) <= set(head) or len(set(head)) != len(head):
        wrong = WrongCell("roster_columns", columns=", ".join(head), expected=", ".join(COLUMNS))
        return DutyFile(problems=(wrong.on(1),))
    known = _by_name(people)
    found: list[DutyLine] = []
    problems: list[WrongLine] = []
    for line, cells in numbered:
        if all(cell in (None, "") for cell in cells):
            continue
        if len(found) + len(problems) >= MOST_LINES:
            problems.append(WrongCell("too_many", most=MOST_LINES).on(line))
            break
        try:
            found.append(
                DutyLine(line=line, duty=_duty(dict(zip(head, cells, strict=False)), known))
            )
        except WrongCell as error:
            problems.append(error.on(line))
    return DutyFile(lines=tuple(found), problems=(*problems, *_twice(found)))


def _twice(found: Sequence[DutyLine]) -> list[WrongLine]:
    """Lines that give a person two duties at once."""
    wrong = []
    by_person: dict[str, list[DutyLine]] = {}
    for one in found:
        mine = by_person.setdefault(one.duty.username, [])
        other = next((each for each in mine if each.duty.overlaps(one.duty)), None)
        if other is not None:
            twice = WrongCell("duty_twice", username=one.duty.username, other=other.line)
            wrong.append(twice.on(one.line))
        mine.append(one)
    return wrong


def _duty(cells: Mapping[str, Any], known: Mapping[str, str]) -> NewDuty:
    day, begins = _day(cells.get("date")), _clock(cells.get("begins"))
    if not _FIRST_YEAR <= day.year < _LAST_YEAR:
        raise WrongCell("date_wrong", cell=str(day))
    named = " ".join(str(cells.get("username") or "").split())
    username = known.get(named) or known.get(plain(named))
    if username is None:
        raise WrongCell("person_unknown", cell=named)
    duty = _DUTIES.get(plain(str(cells.get("duty") or "")).strip())
    if duty is None:
        raise WrongCell("duty_unknown", cell=str(cells["duty"]))
    begins_at = datetime.combine(day, begins, LOCAL_TZ).timestamp()
    hours = _hours(cells.get("hours"))
    return NewDuty(
        username=username, duty=duty, begins_at=begins_at, ends_at=begins_at + hours * 3600
    )


def _day(cell: Any) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    for form in _DAY_FORMS:
        try:
            return datetime.strptime(str(cell or "").strip(), form).replace(tzinfo=LOCAL_TZ).date()
        except ValueError:
            continue
    raise WrongCell("date_wrong", cell=str("" if cell is None else cell))


def _clock(cell: Any) -> time:
    if cell in (None, ""):
        return _BEGINS
    if isinstance(cell, time):
        return cell.replace(second=0, microsecond=0)
    found = _CLOCK.match(str(cell).strip())
    if found is None:
        raise WrongCell("begins_wrong", cell=str(cell))
    return time(int(found[1]), int(found[2]))


def _hours(cell: Any) -> float:
    if cell in (None, ""):
        return _HOURS
    try:
        hours = float(str(cell).replace(",", "."))
    except ValueError:
        hours = 0.0
    if not SHORTEST_S <= hours * 3600 <= LONGEST_S:
        raise WrongCell("hours_wrong", cell=str(cell), most=round(LONGEST_S / 3600))
    return hours


def _by_name(people: Mapping[str, str]) -> dict[str, str]:
    """Accounts by account, and by a full name that only one person has."""
    names = Counter(plain(name) for name in people.values())
    found = {plain(name): account for account, name in people.items() if names[plain(name)] == 1}
    return found | {account: account for account in people}
