"""How one camera is sent, chosen at each keyframe: passed through or transcoded.

On the camera's live thread. Transcoding is bounded: so many cameras at once, at the thread's lowest
priority, and from keyframe to keyframe where it falls behind; detection on the same machine goes
first. A camera for which there is no room is not sent, and says so.
"""

import logging
import os
import sys
import threading
from collections.abc import Iterator

import av

from app.live.browser_form import BrowserForm, PassedThrough, Transcoded
from app.live.passthrough import Reordering, Transcoding, why_transcoded
from ingest.decoding.policy import AlwaysDecodingPolicy, DecodingDecision
from ingest.packets.packet import Packet, StreamInfo
from ingest.privacy_mask import PrivacyMask

log = logging.getLogger(__name__)

_LOWEST_PRIORITY = 19


class TranscodingRoom:
    """How many cameras may be transcoded at once. Thread-safe."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)

    def enter(self) -> bool:
        """Take a place; false when all are taken."""
        return self._places.acquire(blocking=False)

    def leave(self) -> None:
        """Give a place back."""
        self._places.release()


class FormatChoice:
    """The forms of one camera over all its connections."""

    def __init__(
        self, camera_id: str, room: TranscodingRoom, behind_s: float, mask: PrivacyMask
    ) -> None:
        self._camera_id = camera_id
        self._room = room
        self._mask = mask
        self._has_place = False
        self._behind = AlwaysDecodingPolicy(behind_s)
        self._reordering = Reordering()
        self._stream: StreamInfo | None = None
        self._form: BrowserForm | None = None
        self._told_no_room = False
        self.transcoding: Transcoding | None = None
        self.skipped = 0

    @property
    def has_no_room(self) -> bool:
        """Whether it would have to be transcoded and may not."""
        return self.transcoding is not None and not self._has_place

    def new_connection(self) -> None:
        """The next packet is of another connection."""
        self._reordering.new_connection()
        self._behind.new_connection()

    def take(self, packet: Packet, *, stream_s: float, lag_s: float) -> Iterator[Packet]:
        """What is to be sent for this packet; `stream_s` is its time before it was laid on ours."""
        self._reordering.observe(stream_s)
        if packet.is_keyframe:
            self._choose(packet.stream, refreshes=not packet.stands_alone)
        if self._form is None or packet.stream is not self._stream:
            return  # nothing can be made of it before the next keyframe
        if self.transcoding and self._behind.decide(packet, lag_s) is not DecodingDecision.DECODE:
            self.skipped += 1
            return
        try:
            yield from self._form.take(packet)
        except av.FFmpegError as error:
            log.warning("live %s: cannot transcode: %s", self._camera_id, error)
            self._form = None

    def close(self) -> None:
        """Give the place back. Idempotent; the last call on this thread."""
        self._form = None
        if self._has_place:
            self._has_place = False
            self._room.leave()

    def _choose(self, stream: StreamInfo, *, refreshes: bool) -> None:
        why = why_transcoded(
            stream,
            reorders=self._reordering.seen,
            is_masked=bool(self._mask),
            refreshes=refreshes,
        )
        if self._form is not None and stream is self._stream and why is self.transcoding:
            return
        if why is not self.transcoding and why is not None:
            log.info("live %s: transcoding, %s (%s)", self._camera_id, why, stream.codec)
        self._stream, self.transcoding = stream, why
        if why is None:
            # one that passed before goes on, so that its times do
            passes = self._form if isinstance(self._form, PassedThrough) else PassedThrough()
            self.close()
            self._form = passes
        elif self._enter():
            self._form = Transcoded(stream, self._mask)

    def _enter(self) -> bool:
        """Take a place, if it has none; asked again at each keyframe, told once."""
        if not self._has_place:
            self._has_place = self._room.enter()
            if self._has_place:
                _lower_priority()
            else:
                self._form = None
                if not self._told_no_room:
                    log.warning("live %s: not sent, too many are transcoded", self._camera_id)
            self._told_no_room = not self._has_place
        return self._has_place


def _lower_priority() -> None:
    """Only Linux gives each thread its own; elsewhere the whole process would be lowered.

    Nor is a process's first thread, which serves everything else, ever lowered: it cannot go back.
    """
    if sys.platform == "linux" and threading.current_thread() is not threading.main_thread():
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST_PRIORITY)
