"""Duties of the roster, and what is wrong with them: hours of nobody, one person twice. Pure.

Times are UTC unix seconds; a duty holds from its beginning up to, and without, its end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

SHORTEST_S, LONGEST_S = 3600.0, 48 * 3600.0
LATEST_AT = 4_102_444_800.0  # 2100: later is a slip of the pen


class Duty(StrEnum):
    """What an officer is on duty for."""

    DESK = "desk"  # at the desk, taking calls and alerts
    ON_CALL = "on_call"  # receives outgoing messages, wherever they are


class RosterFault(StrEnum):
    """What is wrong with a roster."""

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
        """Whether one person would have both at once."""
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
    """Hours in which nobody has a duty, or one person has two."""

    fault: RosterFault
    duty: Duty
    begins_at: float
    ends_at: float
    username: str | None = None


def roster_problems(
    duties: Sequence[RosterDuty], since: float, until: float
) -> tuple[RosterProblem, ...]:
    """Return the gaps of a period and who is booked twice, by time.

    The desk must always have somebody; being on call only where the roster names it at all.
    """
    kinds = [Duty.DESK, *({one.duty for one in duties} - {Duty.DESK})]
    gaps = [gap for duty in kinds for gap in _gaps(duties, duty, since, until)]
    return tuple(sorted([*gaps, *_doubles(duties)], key=lambda one: (one.begins_at, one.fault)))


def on_duty_at(duties: Iterable[RosterDuty], duty: Duty, at: float) -> frozenset[str]:
    """Who has a duty at a moment."""
    return frozenset(
        one.username for one in duties if one.duty is duty and one.begins_at <= at < one.ends_at
    )


def _gaps(
    duties: Iterable[RosterDuty], duty: Duty, since: float, until: float
) -> list[RosterProblem]:
    covered, found = since, []
    mine = sorted((one for one in duties if one.duty is duty), key=lambda one: one.begins_at)
    spans = [(min(one.begins_at, until), one.ends_at) for one in mine]
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
