"""What kinds of incident there are, and which of them may be one happening.

An alert, a call and a device name the same fire differently. What is of one class group, near and
at the same time is suggested as one incident (`suggestion`); the group decides nothing else.
"""

from collections.abc import Mapping
from enum import StrEnum

from thapcanh.detection.rules.registry import registry


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


def kind_of_alert(kind: str) -> IncidentKind:
    """What an alert of this kind is in the world, as its rule's file says."""
    known = registry().kinds.get(kind)
    return IncidentKind.OTHER if known is None else IncidentKind(known.incident)


def alert_kinds(group: ClassGroup) -> frozenset[str]:
    """The kinds of alert that tell of a class group; what no rule raises tells of none."""
    return frozenset(name for name in registry().kinds if GROUPS[kind_of_alert(name)] is group)
