"""Limits of live view, and the rules for ending viewers and feeds.

The rules are pure: facts and `now` in, a reason or None out; times are seconds of one clock.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings:
    """Limits of viewers, waiting times and buffers."""

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


class ViewerEnd(StrEnum):
    """Why a viewer's connection ends."""

    LEFT = "left"
    """The browser said goodbye."""
    NEVER_CONNECTED = "never_connected"
    """It got an answer and then did not connect."""
    LOST = "lost"
    """Its connection failed or was closed."""
    SILENT = "silent"
    """Packets are sent, but it no longer reports that any arrive."""
    UNWELCOME = "unwelcome"
    """Its session ended, or it may not see this camera any more."""
    CAMERA_CHANGED = "camera_changed"
    """The camera was removed or has another address."""
    REFUSED = "refused"
    """It could not be answered."""
    STOPPING = "stopping"
    """The centre stops."""


class FeedEnd(StrEnum):
    """Why a camera's connection is closed."""

    UNWATCHED = "unwatched"
    """Nobody has watched for a while."""
    CAMERA_CHANGED = "camera_changed"
    """The camera was removed or has another address."""
    STOPPING = "stopping"
    """The centre stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerFacts:
    """State of a viewer. `connection` is WebRTC's connection state."""

    connection: str
    began_at: float
    last_sent_at: float | None
    last_heard_at: float | None
    """When it last reported what it received."""


def why_viewer_ends(facts: ViewerFacts, now: float, settings: LiveSettings) -> ViewerEnd | None:
    """Return the reason to end a viewer, or None."""
    if facts.connection in ("failed", "closed"):
        return ViewerEnd.LOST
    if facts.connection != "connected":
        waited_s = now - facts.began_at
        return ViewerEnd.NEVER_CONNECTED if waited_s >= settings.connect_within_s else None
    if facts.last_sent_at is None:
        return None  # the camera gave nothing yet: there is nothing to report
    received_at = facts.last_heard_at if facts.last_heard_at is not None else facts.began_at
    if facts.last_sent_at - received_at >= settings.silent_after_s:
        return ViewerEnd.SILENT
    return None


def why_feed_ends(
    *, unwatched_since: float | None, now: float, settings: LiveSettings
) -> FeedEnd | None:
    """Return the reason to close a feed; `unwatched_since` is None while it is watched."""
    if unwatched_since is not None and now - unwatched_since >= settings.linger_s:
        return FeedEnd.UNWATCHED
    return None
