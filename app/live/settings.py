"""The bounds of live view, in one place.

`ViewerOwner`: whose place a viewer takes: what the bounds of live view count by.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings:
    """How many may watch, how long things wait, how much is held."""

    max_viewers: int = 64
    """All connections and picture streams together; 0.7 % of a core each (720p, 15 a second)."""
    max_viewers_of_session: int = 12
    """A grid of nine and what is just being replaced."""
    max_viewers_of_agency: int = 40
    """Of accounts limited to one agency: the others, and the centre, always find a place."""
    linger_s: float = 10.0
    """A camera's connection outlives its last viewer: who returns sees a picture at once."""
    connect_within_s: float = 15.0
    """A browser that has an answer but does not connect is given up."""
    silent_after_s: float = 12.0
    """Browsers report what they receive every second; ICE itself takes 35 s to notice."""
    sweep_s: float = 1.0
    welcome_every_s: float = 10.0
    """How often it is asked whether a viewer may still watch."""
    max_transcoded: int = 4
    """Cameras transcoded at once, a fifth of a core each: watching must not take detection's."""
    behind_s: float = 1.0
    """Transcoding that is later than this goes on at the next keyframe."""
    group_max_packets: int = 150
    group_max_bytes: int = 3_000_000
    """A longer group of pictures is not replayed: a burst that large would be lost on the way."""
    slack_packets: int = 60
    """A viewer who is so far behind goes on at the next keyframe."""
    still_within_s: float = 6.0
    """How long a first picture may take to come."""
    mjpeg_fps: float = 5.0
    mjpeg_max_width: int = 960
    mjpeg_max_viewers: int = 12
    mjpeg_max_of_session: int = 4
    mjpeg_max_of_agency: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerOwner:
    """A session, and the agencies that it is limited to; None: the whole site."""

    session: str
    agencies: frozenset[str] | None = None
