"""Kinds of incident, and their groups."""

from collections.abc import Mapping
from enum import StrEnum

from thapcanh.detection.rules.registry import registry


class IncidentKind(StrEnum):
    """Kinds of the ministry, as far as a command centre receives them."""

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
    """Group of kinds that may name one occurrence."""

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
    """Return the incident kind of an alert, from its rule's declaration."""
    existing = registry().kinds.get(kind)
    return IncidentKind.OTHER if existing is None else IncidentKind(existing.incident)


def alert_kinds(group: ClassGroup) -> frozenset[str]:
    return frozenset(name for name in registry().kinds if GROUPS[kind_of_alert(name)] is group)
