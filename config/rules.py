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
    confirm: Confirmation = Confirmation()
    clear_after_s: float = Field(default=20.0, gt=0, le=3600)

    def applies_to(self, camera_id: str) -> bool:
        """Whether this rule watches the camera."""
        return self.cameras == EVERY_CAMERA or camera_id in self.cameras


class FireRule(_RuleOptions):
    """Flame anywhere in the zone, or in the whole picture when no zone is named."""

    kind: Literal["fire"] = "fire"
    priority: Literal[1, 2, 3] = 1
    min_confidence: Share = 0.25
    min_area: Share = 0.0


class SmokeRule(_RuleOptions):
    """Smoke anywhere in the zone, or in the whole picture when no zone is named."""

    kind: Literal["smoke"] = "smoke"
    priority: Literal[1, 2, 3] = 1
    min_confidence: Share = 0.25
    min_area: Share = 0.0


class IntrusionRule(_RuleOptions):
    """A person or vehicle whose feet or wheels stand in the zone in its hours."""

    kind: Literal["intrusion"] = "intrusion"
    zone: Id
    priority: Literal[1, 2, 3] = 2
    min_confidence: Share = 0.4
    classes: tuple[Literal["person", "bicycle", "motorcycle", "car", "bus", "truck"], ...] = Field(
        default=("person",), min_length=1
    )


Rule = Annotated[FireRule | SmokeRule | IntrusionRule, Field(discriminator="kind")]

DEFAULT_RULES: tuple[FireRule | SmokeRule | IntrusionRule, ...] = (
    FireRule(id="fire"),
    SmokeRule(id="smoke"),
)
