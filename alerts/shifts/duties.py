"""Duties of the roster and their problems; reading of roster files.

Times are UTC unix seconds; a duty excludes its end.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.wrong_line import WrongCell, WrongLine
from thapcanh.config.local_time import LOCAL_TZ

SHORTEST_S, LONGEST_S = 3600.0, 48 * 3600.0
LATEST_AT = 4_102_444_800.0  # 2100: later is a slip of the pen
COLUMNS = ("date", "username", "duty", "begins", "hours")
_NEEDED = ("date", "username")
MOST_LINES = 2000
_DAY_FORMS = ("%Y-%m-%d", "%d/%m/%Y")
_CLOCK = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)(:00)?$")
_DAY_STARTS = time(7)
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_HOURS = 24.0


class Duty(StrEnum):
    """Kind of duty."""

    DESK = "desk"  # at the desk, taking calls and alerts
    ON_CALL = "on_call"  # receives outgoing messages, wherever they are


_DUTIES: Mapping[str, Duty] = {
    "": Duty.DESK,
    "desk": Duty.DESK,
    "truc ban": Duty.DESK,
    "on_call": Duty.ON_CALL,
    "on call": Duty.ON_CALL,
    "nhan tin": Duty.ON_CALL,
}


class RosterFault(StrEnum):
    """Fault of a roster."""

    GAP = "gap"  # nobody has the duty
    DOUBLE = "double"  # one person has two duties at once


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDuty:
    """A duty to be written into the roster."""

    username: str
    duty: Duty
    begins_at: float
    ends_at: float

    def overlaps(self, other: "NewDuty | RosterDuty") -> bool:
        """Return whether one person would have both at once."""
        return (
            self.username == other.username
            and self.begins_at < other.ends_at
            and other.begins_at < self.ends_at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterDuty:
    """A duty of the roster; `swapped_with` is who had it before it was exchanged."""

    id: str
    username: str
    duty: Duty
    begins_at: float
    ends_at: float
    swapped_with: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterProblem:
    """Hours without anybody, or with a person twice."""

    fault: RosterFault
    duty: Duty
    begins_at: float
    ends_at: float
    username: str | None = None


def roster_problems(
    duties: Sequence[RosterDuty], since: float, until: float
) -> tuple[RosterProblem, ...]:
    """Return the gaps of a period and double bookings, by time.

    The desk must always be staffed; on-call duty only where the roster has any.
    """
    kinds = [Duty.DESK, *({one.duty for one in duties} - {Duty.DESK})]
    gaps = [gap for duty in kinds for gap in _gaps(duties, duty, since, until)]
    return tuple(sorted([*gaps, *_doubles(duties)], key=lambda one: (one.begins_at, one.fault)))


def on_duty_at(duties: Iterable[RosterDuty], duty: Duty, at: float) -> frozenset[str]:
    return frozenset(
        one.username for one in duties if one.duty is duty and one.begins_at <= at < one.ends_at
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyLine:
    """Duty and its line."""

    line: int
    duty: NewDuty


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyFile:
    """Duties of a file, and the wrong lines with reasons."""

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
    existing = _by_name(people)
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
                DutyLine(line=line, duty=_duty(dict(zip(head, cells, strict=False)), existing))
            )
        except WrongCell as error:
            problems.append(error.on(line))
    return DutyFile(lines=tuple(found), problems=(*problems, *_twice(found)))


def _gaps(
    duties: Iterable[RosterDuty], duty: Duty, since: float, until: float
) -> list[RosterProblem]:
    covered, found = since, []
    matching = sorted((one for one in duties if one.duty is duty), key=lambda one: one.begins_at)
    spans = [(min(one.begins_at, until), one.ends_at) for one in matching]
    for begins, ends in [*spans, (until, until)]:
        if begins > covered:
            found.append(
                RosterProblem(fault=RosterFault.GAP, duty=duty, begins_at=covered, ends_at=begins)
            )
        covered = max(covered, ends)
    return found


def _doubles(duties: Iterable[RosterDuty]) -> list[RosterProblem]:
    found: list[RosterProblem] = []
    last: dict[str, RosterDuty] = {}
    for one in sorted(duties, key=lambda one: one.begins_at):
        before = last.get(one.username)
        if before is not None and one.begins_at < before.ends_at:
            found.append(
                RosterProblem(
                    fault=RosterFault.DOUBLE,
                    duty=one.duty,
                    begins_at=one.begins_at,
                    ends_at=min(one.ends_at, before.ends_at),
                    username=one.username,
                )
            )
        if before is None or one.ends_at > before.ends_at:
            last[one.username] = one
    return found


def _twice(found: Sequence[DutyLine]) -> list[WrongLine]:
    """Return lines that give a person two duties at once."""
    wrong = []
    by_person: dict[str, list[DutyLine]] = {}
    for one in found:
        matching = by_person.setdefault(one.duty.username, [])
        other = next((each for each in matching if each.duty.overlaps(one.duty)), None)
        if other is not None:
            twice = WrongCell("duty_twice", username=one.duty.username, other=other.line)
            wrong.append(twice.on(one.line))
        matching.append(one)
    return wrong


def _duty(cells: Mapping[str, Any], existing: Mapping[str, str]) -> NewDuty:
    day, begins = _day(cells.get("date")), _clock(cells.get("begins"))
    if not _FIRST_YEAR <= day.year < _LAST_YEAR:
        raise WrongCell("date_wrong", cell=str(day))
    named = " ".join(str(cells.get("username") or "").split())
    username = existing.get(named) or existing.get(plain(named))
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
        return _DAY_STARTS
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
    """Return accounts by account name, and by full names that are unique."""
    names = Counter(plain(name) for name in people.values())
    found = {plain(name): account for account, name in people.items() if names[plain(name)] == 1}
    return found | {account: account for account in people}
