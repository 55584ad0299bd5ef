"""How urgent an alert or an incident is: the one order of answering, for all lists. Pure.

Rows are ranked by urgency, then by whose turn it is, then by age. What is confirmed and goes on
stands above what is new, so that no number of new rows covers it.

What a call or a device told of too is the surest thing on the desk. A rejection that waits for a
leader's word was looked at already: whoever cannot sign it answers what nobody has seen first.
"""

from enum import IntEnum, StrEnum

from thapcanh.alerts.queue.system_events import is_system

_TOP = 1


class Corroboration(StrEnum):
    """Source that corroborates a camera."""

    CALL = "call"
    DEVICE = "device"


class Urgency(IntEnum):
    """Urgency; the lowest value is answered first."""

    CONFIRMED = 0  # a P1 that somebody confirmed, and that goes on
    CORROBORATED = 1  # a P1 that a call or a device told of too
    P1 = 2
    P1_REJECTED = 3  # an officer rejected it; a leader has to sign
    P2 = 4
    P3 = 5
    SYSTEM = 6  # the watch's own trouble never outranks the city's


class AnswerRank(IntEnum):
    """Within one urgency: what nobody has answered, then one's own, then what others hold."""

    UNANSWERED = 0
    MINE = 1
    OTHERS = 2


def urgency_of(
    kind: str, priority: int, corroboration: str | None, cosign_wanted_by: str | None
) -> Urgency:
    if is_system(kind):
        return Urgency.SYSTEM
    if priority > _TOP:
        return Urgency.P2 if priority == _TOP + 1 else Urgency.P3
    if cosign_wanted_by is not None:
        return Urgency.P1_REJECTED
    return Urgency.P1 if corroboration is None else Urgency.CORROBORATED
