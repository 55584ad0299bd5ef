"""Camera time: stream seconds of any connection, laid on one line that wall time carries on.

Pure: what enters is a packet's stream time, when it was read and how long the reading had to wait.
It never runs ahead of the wall, survives jumps of the camera's clock and follows its drift. `lag_s`
says how far reading is behind the camera, which is why decoding may have to skip.
"""

from collections import deque

_DRIFT = 0.0005
"""Seconds per second that a camera's quartz may lose; ten times a bad one."""

_WAITED_S = 0.005
"""A read that waited this long found nothing queued: the packet is the newest there is."""

_SHIFT_S = 0.5
"""Lateness beyond network jitter, although nothing is queued: the camera's clock was moved."""

_JUMP_S = 30.0
"""More than any queue on the way can hold."""

_REORDERED = 17
"""Packets whose order is kept: H.264 and H.265 reorder at most 16 pictures."""


class CameraTime:
    """One camera's time, from `began` (monotonic seconds) on."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._offset_s: float | None = None
        self._last_now = began
        self._last_shown = (0.0, 0.0)
        self._stamped: deque[tuple[float, float]] = deque(maxlen=_REORDERED)
        self.lag_s = 0.0

    def new_connection(self) -> None:
        """The next packet is of another connection: its stream time starts anywhere."""
        self._offset_s = None
        self._stamped.clear()
        self.lag_s = 0.0

    def stamp(self, stream_s: float, *, now: float, waited_s: float) -> float:
        """Camera seconds of a packet whose stream time is `stream_s`.

        Packets come in decoding order: one that is shown before the last ones is stamped between
        its neighbours, even where the line was moved meanwhile.
        """
        arrival_s = now - self._began
        if self._offset_s is None:
            self._offset_s = arrival_s - stream_s
        late_s = arrival_s - (stream_s + self._offset_s)
        moved = late_s > _SHIFT_S and waited_s >= _WAITED_S
        if moved or late_s > _JUMP_S:
            self._stamped.clear()
        if late_s < 0 or moved or late_s > _JUMP_S:
            self._offset_s += late_s
            late_s = 0.0
        else:
            self._offset_s += min(late_s, _DRIFT * (now - self._last_now))
        self._last_now = now
        self.lag_s = late_s
        return self._in_order(stream_s, stream_s + self._offset_s)

    def _in_order(self, stream_s: float, at_s: float) -> float:
        """No later than what is shown after it, no earlier than what is shown before it."""
        known = self._stamped
        if not known or stream_s >= self._last_shown[0]:  # without B-frames it always is
            at_s = max(at_s, self._last_shown[1]) if known else at_s
            self._last_shown = (stream_s, at_s)
        else:
            at_s = max([at_s, *(at for stream, at in known if stream <= stream_s)])
            at_s = min([at_s, *(at for stream, at in known if stream > stream_s)])
        known.append((stream_s, at_s))
        return at_s
