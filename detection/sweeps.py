"""Sleeping cameras' pictures wait for each other a moment, so that several share one batch.

What such a picture shows is what was there before, as far as anybody knows; nothing is lost when it
is looked at a little later, and a look in a batch costs two thirds of one alone. Pure but for its
memory: times come in, camera ids go out.
"""

import math

HOLD_S = 0.4  # the deadline leaves a sweep one second for its look
LEAST_CAMERAS = 16  # with fewer, seldom two come within the hold


class Sweeps:
    """Who waits, and since when. Owned by whoever holds the loop's lock."""

    def __init__(self, batch: int) -> None:
        """`batch`: how many make a full one; with one there is nothing to wait for."""
        self._batch = batch
        self._since_s: dict[str, float] = {}

    def worth_it(self, cameras: int) -> bool:
        """Whether the detector looks at several at once, and so many cameras give it several."""
        return self._batch > 1 and cameras >= LEAST_CAMERAS

    def add(self, camera_id: str, now_s: float) -> bool:
        """A sweep that may wait; true when the loop must hear of it: the first, a full batch."""
        self._since_s.setdefault(camera_id, now_s)
        return len(self._since_s) in (1, self._batch)

    def drop(self, camera_id: str) -> None:
        """It waits no more: it is looked at now, or gone."""
        self._since_s.pop(camera_id, None)

    def wait_s(self, now_s: float) -> float:
        """Seconds until those that wait are to be looked at; infinite when nobody waits."""
        if not self._since_s:
            return math.inf
        if len(self._since_s) >= self._batch:
            return 0.0
        return max(0.0, next(iter(self._since_s.values())) + HOLD_S - now_s)

    def due(self, now_s: float, *, with_others: bool) -> dict[str, float]:
        """Those whose wait is over, each with the time since when: all of them, or nobody.

        `with_others`: a look is due anyway, and they go with it.
        """
        if not with_others and self.wait_s(now_s) > 0:
            return {}
        taken, self._since_s = self._since_s, {}
        return taken
