"""How the parts of one picture look: what rules ask of a place. Whole-picture answers are kept.

Owned by the thread that looks; nothing is measured before a rule asks for it.
"""

from functools import cached_property

import cv2

from detection.confirmation.flame_colour import chroma_difference, colour_of, has_colour
from detection.confirmation.fog import edges_of, is_foggy
from detection.confirmation.local_change import FramePair
from detection.confirmation.picture_motion import PictureState
from detection.detectors.letterbox import Picture
from detection.region import Region
from detection.rules.evaluator import RegionAppearance
from ingest.frame import Plane


class PictureAppearance:
    """One picture, beside the one before it where there is a comparable one."""

    def __init__(
        self,
        *,
        planes: tuple[Plane, Plane, Plane],
        luma: Picture,
        changes: FramePair | None,
        state: PictureState,
    ) -> None:
        self._planes = planes
        self._luma = luma
        self._changes = changes
        self._state = state

    def of(self, region: Region) -> RegionAppearance:
        """Return how the region looks, or why that cannot be told."""
        planes, changes = self._planes, self._changes
        try:
            return RegionAppearance(
                change=None if changes is None else changes.inside(region),
                chroma_difference=chroma_difference(planes, region) if self._in_colour else None,
                in_fog=self._in_fog,
                colour=colour_of(planes, region) if self._in_colour else None,
                edges=self._edges,
                own_change=None if changes is None else changes.own(region),
                picture=self._state,
            )
        except (cv2.error, ValueError, IndexError) as error:
            return RegionAppearance(unmeasured=str(error).strip().partition("\n")[0])

    @cached_property
    def _in_fog(self) -> bool:
        return is_foggy(self._luma)

    @cached_property
    def _edges(self) -> float:
        return edges_of(self._luma)

    @cached_property
    def _in_colour(self) -> bool:
        return has_colour(self._planes)
