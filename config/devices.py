"""Devices that send signals: fire panels, buttons, sensors, detectors of another maker.

`[[devices]]` registers each one: what is not registered is refused, so that nobody can make up a
fire at a place. Where it stands is decided here, not by what it says.
"""

from typing import Self

from pydantic import Field, model_validator

from config.frozen import Frozen, Id, Name


class DeviceConfig(Frozen):
    """One device. `heartbeat_s` is how long it may be silent before its loss is told."""

    id: Id
    name: Name
    place: str | None = None
    area: Id | None = None
    agency: Id | None = None
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    heartbeat_s: float | None = Field(default=None, ge=5, le=604_800)
    topic: str | None = Field(default=None, pattern=r"^[^#+\x00]{1,200}$")
    """The MQTT topic on which it speaks; without one, `thapcanh/signals/ID`."""

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon go together, one is missing")
        return self
