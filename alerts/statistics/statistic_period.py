"""Months, quarters and years by the calendar, and what each is compared with. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime

from thapcanh.config.local_time import LOCAL_TZ

EARLIEST_YEAR = 2000
_LATEST_YEAR = 9998
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticPeriod:
    """Period of `months` months; months count from the year 0, times are UTC seconds."""

    first_month: int
    months: int

    @property
    def year(self) -> int:
        return self.first_month // 12

    @property
    def part(self) -> int:
        """Month or quarter within its year; 1 for a year."""
        return self.first_month % 12 // self.months + 1

    @property
    def name(self) -> str:
        match self.months:
            case 1:
                return f"{self.year}-{self.part:02}"
            case 3:
                return f"{self.year}-Q{self.part}"
            case _:
                return f"{self.year}"

    @property
    def since(self) -> float:
        return _starts(self.first_month)

    @property
    def until(self) -> float:
        return _starts(self.first_month + self.months)

    @property
    def before(self) -> "StatisticPeriod":
        return StatisticPeriod(first_month=self.first_month - self.months, months=self.months)

    @property
    def year_before(self) -> "StatisticPeriod":
        return StatisticPeriod(first_month=self.first_month - 12, months=self.months)


def month_of(text: str) -> StatisticPeriod | None:
    found = _MONTH.fullmatch(text)
    return None if found is None else _checked(int(found[1]) * 12 + int(found[2]) - 1, 1)


def quarter_of(text: str) -> StatisticPeriod | None:
    found = _QUARTER.fullmatch(text)
    return None if found is None else _checked(int(found[1]) * 12 + (int(found[2]) - 1) * 3, 3)


def year_of(text: str) -> StatisticPeriod | None:
    return _checked(int(text) * 12, 12) if _YEAR.fullmatch(text) else None


def month_at(now: float) -> StatisticPeriod:
    day = datetime.fromtimestamp(now, LOCAL_TZ)
    return StatisticPeriod(first_month=day.year * 12 + day.month - 1, months=1)


def _checked(first_month: int, months: int) -> StatisticPeriod | None:
    is_registered = EARLIEST_YEAR * 12 <= first_month <= _LATEST_YEAR * 12
    return StatisticPeriod(first_month=first_month, months=months) if is_registered else None


def _starts(month: int) -> float:
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=LOCAL_TZ).timestamp()
