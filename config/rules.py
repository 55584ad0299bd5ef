"""What the settings of every kind of rule share: a condition on what a camera sees, over time.

Each kind has a model of its own, derived from `Rule` and told apart by `kind`, in its file in
`detection/rules`; `thapcanh.config.rules` says which there are. Times are seconds of camera time;
sizes are shares of the picture's area; hours are local time.

`RuleModels`, `kind_of`: which kinds of rule a configuration may name: their settings models, handed
to `thapcanh.config.load`. The rules themselves live above this room (`detection/rules`); who loads
a configuration says which there are. Nothing is registered by an import, so no kind is missing
because a module was not read.
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
    """Refuse in one sentence what is neither; the two forms would be refused in one each."""
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
    """How urgent an alert, event, incident or trouble is; the smaller, the more urgent."""

    P1 = 1  # answered at once: it sounds until somebody has it, no quiet hours hold it back
    P2 = 2  # believed less, or less is at stake
    P3 = 3  # doubted, or only to be known


class Confirmation(Frozen):
    """The same place must be seen in `looks` of the last `of` looks, within `window_s`."""

    looks: int = Field(default=3, ge=1, le=50)
    of: int = Field(default=5, ge=1, le=100)
    window_s: float = Field(default=10.0, gt=0, le=300)

    @model_validator(mode="after")
    def _checked(self) -> "Confirmation":
        if self.looks > self.of:
            raise ValueError(f"looks is {self.looks}, more than of, which is {self.of}")
        return self


class Rule(Frozen):
    """What every kind of rule has; each kind narrows `kind` to its own name."""

    id: Id
    cameras: Cameras = EVERY_CAMERA
    zone: Id | None = None
    hours: Hours = ()
    version: int = Field(default=1, ge=1)
    clear_after_s: float = Field(default=20.0, gt=0, le=3600)
    kind: str
    priority: PriorityNumber = 3

    def applies_to(self, camera_id: str) -> bool:
        """Whether this rule watches the camera."""
        return self.cameras == EVERY_CAMERA or camera_id in self.cameras

    def shapes(self) -> tuple[Shape, ...]:
        """What must be drawn on a camera that it watches."""
        return () if self.zone is None else (("zone", self.zone),)


class PlaceRule(Rule):
    """What rules share that believe what is seen again and again at a place."""

    min_confidence: Share = 0.25
    confirm: Confirmation = Confirmation()


class BurningRule(PlaceRule):
    """What rules about flame and smoke share: a detected class that is called like the kind.

    What is doubted is told as priority 3; after `doubt_limit_s`, while it goes on, as 2, unless it
    is hardly believed.
    """

    priority: PriorityNumber = 1
    min_area: Share = 0.0
    doubt_limit_s: DoubtLimit = 20.0


class TrackedRule(Rule):
    """What rules about people and vehicles share: classes that are followed from look to look."""

    min_confidence: Share = 0.35
    classes: Classes = ("person",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleModels:
    """The models of all kinds, in the order in which messages name them."""

    models: Sequence[type[Rule]]
    defaults: tuple[Rule, ...] = ()
    """The rules of a site that names none."""
    problems: Sequence[tuple[str, str]] = ()
    """Kinds that could not be taken in: (their name, what is wrong)."""

    def adapter(self) -> TypeAdapter[Rule]:
        """What validates one rule by its `kind`; in an error, the kind comes first in the path."""
        union: Any = reduce(or_, self.models)
        return TypeAdapter(Annotated[union, Field(discriminator="kind")])

    def context(self) -> dict[str, tuple[str, ...]]:
        """The context in which the rest of a site is validated."""
        return {KINDS: tuple(kind_of(model) for model in self.models)}


def kind_of(model: type[Rule]) -> str:
    """Return the kind that a model is for: the default of its field `kind`."""
    return str(model.model_fields["kind"].default)
