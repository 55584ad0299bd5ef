"""Rules: a condition on what a camera sees, held over time. One model a kind, told apart by `kind`.

Times are seconds of camera time; sizes are shares of the picture's area; hours are local time.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from config.frozen import Frozen, Id

EVERY_CAMERA: Literal["*"] = "*"
_HOURS = re.compile(r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")


def _checked_hours(hours: tuple[str, ...]) -> tuple[str, ...]:
    for span in hours:
        if not _HOURS.match(span):
            raise ValueError(f"{span!r} is not a span of hours, expected e.g. 22:00-05:00")
    return hours


Hours = Annotated[tuple[str, ...], AfterValidator(_checked_hours)]
Share = Annotated[float, Field(ge=0, le=1)]
Priority = Literal[1, 2, 3]
DoubtLimit = Annotated[float, Field(ge=5, le=3600)]
Label = Literal["person", "bicycle", "motorcycle", "car", "bus", "truck"]
Classes = Annotated[tuple[Label, ...], Field(min_length=1)]


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


class _RuleOptions(Frozen):
    """What every kind of rule has."""

    id: Id
    cameras: Literal["*"] | tuple[Id, ...] = EVERY_CAMERA
    zone: Id | None = None
    hours: Hours = ()
    version: int = Field(default=1, ge=1)
    clear_after_s: float = Field(default=20.0, gt=0, le=3600)

    def applies_to(self, camera_id: str) -> bool:
        """Whether this rule watches the camera."""
        return self.cameras == EVERY_CAMERA or camera_id in self.cameras


class FireRule(_RuleOptions):
    """Flame anywhere in the zone, or in the whole picture when no zone is named.

    What is doubted is told as priority 3; after `doubt_limit_s`, while it goes on, as 2.
    """

    kind: Literal["fire"] = "fire"
    priority: Priority = 1
    min_confidence: Share = 0.25
    min_area: Share = 0.0
    confirm: Confirmation = Confirmation()
    doubt_limit_s: DoubtLimit = 20.0


class SmokeRule(_RuleOptions):
    """Smoke anywhere in the zone, or in the whole picture when no zone is named.

    What is doubted is told as priority 3; after `doubt_limit_s`, while it goes on, as 2.
    """

    kind: Literal["smoke"] = "smoke"
    priority: Priority = 1
    min_confidence: Share = 0.25
    min_area: Share = 0.0
    confirm: Confirmation = Confirmation()
    doubt_limit_s: DoubtLimit = 60.0


class IntrusionRule(_RuleOptions):
    """A person or vehicle whose feet or wheels stand in the zone in its hours."""

    kind: Literal["intrusion"] = "intrusion"
    zone: Id
    priority: Priority = 2
    min_confidence: Share = 0.4
    classes: Classes = ("person",)
    confirm: Confirmation = Confirmation()


class CrowdRule(_RuleOptions):
    """More than `more_than` at once in the zone (or the whole picture), for `for_s`."""

    kind: Literal["crowd"] = "crowd"
    priority: Priority = 3
    min_confidence: Share = 0.35
    classes: Classes = ("person",)
    more_than: int = Field(default=20, ge=1, le=1000)
    for_s: float = Field(default=30.0, ge=0, le=3600)


class LoiteringRule(_RuleOptions):
    """Somebody stays in the zone for longer than `max_s`; unseen for `lost_s` is still there."""

    kind: Literal["loitering"] = "loitering"
    zone: Id
    priority: Priority = 3
    min_confidence: Share = 0.35
    classes: Classes = ("person",)
    max_s: float = Field(default=120.0, gt=0, le=86_400)
    lost_s: float = Field(default=10.0, ge=0, le=600)


class StoppedVehicleRule(_RuleOptions):
    """A vehicle hardly moves in the zone for `for_s`; unseen for `lost_s` is still there."""

    kind: Literal["stopped_vehicle"] = "stopped_vehicle"
    zone: Id
    priority: Priority = 3
    min_confidence: Share = 0.35
    classes: Classes = ("car", "bus", "truck", "motorcycle")
    for_s: float = Field(default=60.0, gt=0, le=86_400)
    lost_s: float = Field(default=10.0, ge=0, le=600)


class ExitRule(_RuleOptions):
    """Somebody crosses the line from its inside to its outside; both directions are counted."""

    kind: Literal["exit"] = "exit"
    line: Id
    priority: Priority = 2
    min_confidence: Share = 0.35
    classes: Classes = ("person",)
    clear_after_s: float = Field(default=5.0, gt=0, le=3600)


class ArcRule(_RuleOptions):
    """A short circuit at an electric pole: `flashes` in `window_s`, or one and then smoke or flame.

    The zone is drawn round the pole's wires and boxes, not round the street below.
    """

    kind: Literal["arc"] = "arc"
    zone: Id
    priority: Priority = 1
    flashes: int = Field(default=3, ge=1, le=20)
    window_s: float = Field(default=10.0, gt=0, le=300)
    follow_s: float = Field(default=30.0, ge=0, le=300)
    clear_after_s: float = Field(default=60.0, gt=0, le=3600)


PlaceRule = FireRule | SmokeRule | IntrusionRule
"""Believed by what is seen again and again at a place."""

TrackRule = LoiteringRule | StoppedVehicleRule | ExitRule
"""Believed by what one person or vehicle does over time."""

Rule = Annotated[PlaceRule | CrowdRule | TrackRule | ArcRule, Field(discriminator="kind")]

DEFAULT_RULES: tuple[Rule, ...] = (FireRule(id="fire"), SmokeRule(id="smoke"))
