"""What kinds of incident there are, and which of them may be one happening. Pure tables.

An alert, a call and a device name the same fire differently. What is of one class group, near and
at the same time is suggested as one incident (`suggestion`); the group decides nothing else.
"""

from collections.abc import Mapping
from enum import StrEnum


class IncidentKind(StrEnum):
    """The ministry's kinds, as far as a command centre receives them."""

    FIRE = "fire"
    EXPLOSION = "explosion"
    SHORT_CIRCUIT = "short_circuit"  # at an electric pole or cable
    RESCUE = "rescue"  # somebody is trapped, drowning, in a lift
    TRAFFIC = "traffic"  # an accident or a jam
    PUBLIC_ORDER = "public_order"
    CRIME = "crime"
    MEDICAL = "medical"
    OTHER = "other"


class ClassGroup(StrEnum):
    """Kinds that may be words for one happening."""

    BURNING = "burning"
    RESCUE = "rescue"
    TRAFFIC = "traffic"
    ORDER = "order"
    MEDICAL = "medical"
    OTHER = "other"


GROUPS: Mapping[IncidentKind, ClassGroup] = {
    IncidentKind.FIRE: ClassGroup.BURNING,
    IncidentKind.EXPLOSION: ClassGroup.BURNING,
    IncidentKind.SHORT_CIRCUIT: ClassGroup.BURNING,
    IncidentKind.RESCUE: ClassGroup.RESCUE,
    IncidentKind.TRAFFIC: ClassGroup.TRAFFIC,
    IncidentKind.PUBLIC_ORDER: ClassGroup.ORDER,
    IncidentKind.CRIME: ClassGroup.ORDER,
    IncidentKind.MEDICAL: ClassGroup.MEDICAL,
    IncidentKind.OTHER: ClassGroup.OTHER,
}
_OF_ALERT: Mapping[str, IncidentKind] = {
    "fire": IncidentKind.FIRE,
    "smoke": IncidentKind.FIRE,
    "arc": IncidentKind.SHORT_CIRCUIT,
    "stopped_vehicle": IncidentKind.TRAFFIC,
    "intrusion": IncidentKind.PUBLIC_ORDER,
    "crowd": IncidentKind.PUBLIC_ORDER,
    "loitering": IncidentKind.PUBLIC_ORDER,
    "exit": IncidentKind.PUBLIC_ORDER,
}


def kind_of_alert(kind: str) -> IncidentKind:
    """What an alert of this kind is in the world."""
    return _OF_ALERT.get(kind, IncidentKind.OTHER)


def alert_kinds(group: ClassGroup) -> frozenset[str]:
    """The kinds of alert that tell of a class group."""
    return frozenset(name for name, kind in _OF_ALERT.items() if GROUPS[kind] is group)
