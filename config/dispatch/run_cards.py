"""Run cards (`[[run_cards]]`): units, receivers and steps by kind of incident and area."""

import hashlib
from typing import Annotated, Literal

from pydantic import Field, model_validator

from thapcanh.config.frozen import Frozen, Id, Name

IncidentKindName = Literal[
    "fire",
    "explosion",
    "short_circuit",
    "rescue",
    "traffic",
    "public_order",
    "crime",
    "medical",
    "other",
]
UnitKindName = Literal[
    "fire_engine",
    "ladder",
    "rescue",
    "ambulance",
    "police_patrol",
    "traffic_police",
    "ward_police",
    "power",
    "other",
]
Service = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]*$")]
StepWords = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class RunCardUnit(Frozen):
    """Number of units of one kind."""

    kind: UnitKindName
    count: int = Field(default=1, ge=1, le=20)


class RunCardConfig(Frozen):
    """Response to some kinds of incident; without `areas` it applies everywhere."""

    id: Id
    name: Name
    kinds: Annotated[tuple[IncidentKindName, ...], Field(min_length=1)]
    areas: Annotated[tuple[Id, ...], Field(min_length=1)] | None = None
    units: tuple[RunCardUnit, ...] = ()
    tell: Annotated[tuple[Service, ...], Field(max_length=10)] = ()
    """Services that are told by name, such as 114."""
    steps: Annotated[tuple[StepWords, ...], Field(max_length=40)] = ()

    @model_validator(mode="after")
    def _checked(self) -> "RunCardConfig":
        for name, stated in (("steps", self.steps), ("tell", self.tell)):
            if len(set(stated)) < len(stated):
                raise ValueError(f"{name}: the same words stand twice")
        if len({one.kind for one in self.units}) < len(self.units):
            raise ValueError("units: a kind stands twice, give it one count")
        return self


def step_id(words: str) -> str:
    """Return a step's id, which stays the same when steps are moved, added or removed."""
    return hashlib.sha256(words.encode()).hexdigest()[:12]
