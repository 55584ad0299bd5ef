"""Order of answering alerts, the same for queries and screens."""

from enum import IntEnum, StrEnum

from thapcanh.alerts.queue.system_events import is_system

_TOP = 1


class Corroboration(StrEnum):
    """Source that corroborates a camera."""

    CALL = "call"
    DEVICE = "device"


class Urgency(IntEnum):
    """Urgency; the lowest value is answered first."""

    CORROBORATED = 1  # a P1 that a call or a device told of too
    P1 = 2
    P1_REJECTED = 3  # an officer rejected it; a leader has to sign
    P2 = 4
    P3 = 5
    SYSTEM = 6  # the watch's own trouble never outranks the city's


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
