"""Shared settings of every kind of rule.

Times are seconds of camera time, sizes are shares of the picture's area, hours are local.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, model_validator

from thapcanh.config.frozen import Frozen, Id

EVERY_CAMERA: Literal["*"] = "*"


def _all_or_listed(value: object) -> object:
    """Refuse in one message a value that is neither `*` nor a list."""
    is_all_in_list = isinstance(value, list | tuple) and EVERY_CAMERA in value
    if is_all_in_list or (isinstance(value, str) and value != EVERY_CAMERA):
        raise ValueError('expected "*" alone, for every camera, or a list of ids')
    return tuple(value) if isinstance(value, list) else value  # a list of JSON is one no more


Cameras = Annotated[Literal["*"] | tuple[Id, ...], BeforeValidator(_all_or_listed)]
"""Every camera, or those that are named."""
_HOURS = re.compile(r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")
KINDS = "kinds"
"""Key of the validation context under which models find the names of all kinds."""


def _checked_hours(hours: tuple[str, ...]) -> tuple[str, ...]:
    for span in hours:
        if not _HOURS.match(span):
            raise ValueError(f"{span!r} is not a span of hours, expected e.g. 22:00-05:00")
    return hours


Hours = Annotated[tuple[str, ...], AfterValidator(_checked_hours)]
Share = Annotated[float, Field(ge=0, le=1)]
PriorityNumber = Literal[1, 2, 3]  # a `Priority` as files write it
DoubtLimit = Annotated[float, Field(ge=5, le=3600)]
Label = Literal["person", "bicycle", "motorcycle", "car", "bus", "truck"]
Classes = Annotated[tuple[Label, ...], Field(min_length=1)]
ShapeType = Literal["zone", "line"]
SHAPE_TYPES: tuple[ShapeType, ...] = get_args(ShapeType)
Shape = tuple[ShapeType, str]
"""Something drawn on a camera's picture: what it is, and its id."""


class Priority(IntEnum):
    """Urgency of an alert, event, incident or trouble; a smaller number is more urgent."""

    P1 = 1  # answered at once: it sounds until somebody has it, no quiet hours hold it back
    P2 = 2  # believed less, or less is at stake
    P3 = 3  # doubted, or only to be known


class Confirmation(Frozen):
    """Confirmation: detections in `looks` of the last `of` inferences, within `window_s`."""

    looks: int = Field(default=3, ge=1, le=50)
    of: int = Field(default=5, ge=1, le=100)
    window_s: float = Field(default=10.0, gt=0, le=300)

    @model_validator(mode="after")
    def _checked(self) -> "Confirmation":
        if self.looks > self.of:
            raise ValueError(f"looks is {self.looks}, more than of, which is {self.of}")
        return self


class Rule(Frozen):
    """Settings of every kind of rule; each kind narrows `kind` to its own name."""

    id: Id
    cameras: Cameras = EVERY_CAMERA
    zone: Id | None = None
    hours: Hours = ()
    version: int = Field(default=1, ge=1)
    clear_after_s: float = Field(default=20.0, gt=0, le=3600)
    kind: str
    priority: PriorityNumber = 3

    def applies_to(self, camera_id: str) -> bool:
        return self.cameras == EVERY_CAMERA or camera_id in self.cameras

    def shapes(self) -> tuple[Shape, ...]:
        """Return the shapes that must be drawn on each camera it watches."""
        return () if self.zone is None else (("zone", self.zone),)


class PlaceRule(Rule):
    """Rules confirmed by repeated detections at one place."""

    min_confidence: Share = 0.25
    confirm: Confirmation = Confirmation()


class BurningRule(PlaceRule):
    """Rules about flame and smoke: a detected class named like the kind.

    A doubtful event has priority 3; after `doubt_limit_s` it gets 2, unless its confidence is very
    low.
    """

    priority: PriorityNumber = 1
    min_area: Share = 0.0
    doubt_limit_s: DoubtLimit = 20.0


class TrackedRule(Rule):
    """Rules about people and vehicles, whose objects are tracked between inferences."""

    min_confidence: Share = 0.35
    classes: Classes = ("person",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleModels:
    """Models of all kinds, in the order of messages."""

    models: Sequence[type[Rule]]
    defaults: tuple[Rule, ...] = ()
    """The rules of a site that names none."""
    problems: Sequence[tuple[str, str]] = ()
    """Kinds that could not be taken in: (their name, what is wrong)."""

    def adapter(self) -> TypeAdapter[Rule]:
        """Return the validator of a rule by its `kind`; error paths start with the kind."""
        union: Any = reduce(or_, self.models)
        return TypeAdapter(Annotated[union, Field(discriminator="kind")])

    def context(self) -> dict[str, tuple[str, ...]]:
        """Return the validation context for the rest of a site."""
        return {KINDS: tuple(kind_of(model) for model in self.models)}


def kind_of(model: type[Rule]) -> str:
    """Return the kind that a model is for: the default of its field `kind`."""
    return str(model.model_fields["kind"].default)
