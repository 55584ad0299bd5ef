"""Until when somebody must answer an incident, or a unit that was told. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

ANSWER_WITHIN_S: Mapping[int, float] = MappingProxyType({1: 120.0, 2: 600.0, 3: 3600.0})
UNIT_ANSWERS_WITHIN_S: Mapping[int, float] = MappingProxyType({1: 60.0, 2: 180.0, 3: 600.0})

LEADER_ANSWERS_WITHIN_S = 60.0
"""So long a leader has, before a P1 that nobody answers is told outside."""


def answer_by(priority: int, now: float) -> float:
    """When an open incident that nobody assessed goes to the leader."""
    return now + ANSWER_WITHIN_S[priority]


def unit_answers_by(priority: int, now: float) -> float:
    """When a unit that did not answer is told of to the leader."""
    return now + UNIT_ANSWERS_WITHIN_S[priority]
