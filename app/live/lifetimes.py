"""When a viewer is given up and when a camera's connection is closed.

Pure: facts and `now` in, a named reason or None out; times are of one clock, in seconds.
"""

from dataclasses import dataclass
from enum import StrEnum

from app.live.settings import LiveSettings


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
    """What is known of a viewer. `connection` is WebRTC's own word for its state."""

    connection: str
    began_at: float
    last_sent_at: float | None
    last_heard_at: float | None
    """When it last reported what it received."""


def why_viewer_ends(facts: ViewerFacts, now: float, settings: LiveSettings) -> ViewerEnd | None:
    """The reason to give a viewer up; none while all is well or may become so."""
    if facts.connection in ("failed", "closed"):
        return ViewerEnd.LOST
    if facts.connection != "connected":
        waited_s = now - facts.began_at
        return ViewerEnd.NEVER_CONNECTED if waited_s >= settings.connect_within_s else None
    if facts.last_sent_at is None:
        return None  # the camera gave nothing yet: there is nothing to report
    heard_at = facts.last_heard_at if facts.last_heard_at is not None else facts.began_at
    if facts.last_sent_at - heard_at >= settings.silent_after_s:
        return ViewerEnd.SILENT
    return None


def why_feed_ends(
    *, unwatched_since: float | None, now: float, settings: LiveSettings
) -> FeedEnd | None:
    """The reason to close a camera's connection; `unwatched_since` is none while it is watched."""
    if unwatched_since is not None and now - unwatched_since >= settings.linger_s:
        return FeedEnd.UNWATCHED
    return None
