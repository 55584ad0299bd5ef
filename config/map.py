"""Map layers: files of hydrants, stations, access notes and telephones."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, field_validator

from thapcanh.config.file_path import FilePath
from thapcanh.config.frozen import Frozen, Id, Name


class LayerKind(StrEnum):
    """Subject of a map layer; decides its icon and the default distance."""

    HYDRANT = "hydrant"  # where fire engines take water
    STATION = "station"  # from where help comes: fire, police, ambulance
    ACCESS = "access"  # how to get in: gates, narrow alleys, heights
    PHONE = "phone"  # whom to call: wards, power, hospitals


class MapLayer(Frozen):
    """GeoJSON file of the site; the `shown` nearest features within `within_m` are returned."""

    id: Id
    kind: LayerKind
    name: Name
    file: FilePath
    shown: int | None = Field(default=None, ge=1, le=20)
    within_m: float | None = Field(default=None, gt=0, le=100_000)

    @property
    def most(self) -> int:
        """Largest number of features returned."""
        return self.shown or 3

    @property
    def reach_m(self) -> float:
        """Largest distance of a returned feature in metres."""
        return self.within_m or _REACH_M[self.kind]


_REACH_M = {
    LayerKind.HYDRANT: 1500.0,  # hose laying ends well before
    LayerKind.STATION: 20_000.0,
    LayerKind.ACCESS: 300.0,  # a note about another block misleads
    LayerKind.PHONE: 10_000.0,
}


class MapConfig(Frozen):
    """`[map]`; the map itself is named by `[site] map`."""

    layers: tuple[MapLayer, ...] = Field(default=(), max_length=20)
    roads: FilePath | None = None
    """Tiles of Valhalla, a folder or a tar: by which the nearest unit is found by road."""

    @field_validator("layers")
    @classmethod
    def _differ(cls, layers: tuple[MapLayer, ...]) -> tuple[MapLayer, ...]:
        ids = [layer.id for layer in layers]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"the id {twice[0]!r} is used twice, ids must differ")
        return layers

    def anchored(self, base: Path) -> "MapConfig":
        """Return the settings with file paths made absolute."""
        anchored = (one.model_copy(update={"file": base / one.file}) for one in self.layers)
        roads = None if self.roads is None else base / self.roads
        return self.model_copy(update={"layers": tuple(anchored), "roads": roads})
