"""Choice of the form in which a camera is sent, at each keyframe: as is or transcoded.

It runs on the camera's live thread.
"""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from enum import StrEnum

import av

from thapcanh.app.live.browser_form import BrowserForm, PassedThrough, Transcoded
from thapcanh.ingest.decoding.policy import AlwaysDecodingPolicy, DecodingDecision
from thapcanh.ingest.packets.annex_b import nal_units
from thapcanh.ingest.packets.packet import Packet, StreamInfo
from thapcanh.ingest.privacy_mask import PrivacyMask

log = logging.getLogger(__name__)
_LOWEST_PRIORITY = 19
_SEQUENCE_SET = 7
_PLAYABLE_PROFILES = frozenset({66, 77, 88, 100})  # Baseline, Main, Extended, High: H.264 annex A
_TIMES = 3
"""B-frames go back every few pictures; a clock that was set, or a film that began again, once."""
_JUMP_S = 2.0
"""Further back than any reordering: the camera's clock jumped, or its film began again."""


class TranscodingRoom:
    """Limit of simultaneously transcoded cameras. Thread-safe."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)

    def enter(self) -> bool:
        """Take a place; return False if all are taken."""
        return self._places.acquire(blocking=False)

    def leave(self) -> None:
        """Give a place back."""
        self._places.release()


class FormatChoice:
    """Form of one camera across its connections."""

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
        self._reported_no_room = False
        self.transcoding: Transcoding | None = None
        self.skipped = 0

    @property
    def has_no_room(self) -> bool:
        """True if it must be transcoded and the limit is reached."""
        return self.transcoding is not None and not self._has_place

    def new_connection(self) -> None:
        """Reset timing for a new connection."""
        self._reordering.new_connection()
        self._behind.new_connection()

    def take(self, packet: Packet, *, stream_s: float, lag_s: float) -> Iterator[Packet]:
        """Yield the packets to send; `stream_s` is the packet's original time."""
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
        """Take a place if there is none yet; retried at each keyframe, logged once."""
        if not self._has_place:
            self._has_place = self._room.enter()
            if self._has_place:
                _lower_priority()
            else:
                self._form = None
                if not self._reported_no_room:
                    log.warning("live %s: not sent, too many are transcoded", self._camera_id)
            self._reported_no_room = not self._has_place
        return self._has_place


class Transcoding(StrEnum):
    """Why a stream is decoded and encoded again."""

    OTHER_CODEC = "other_codec"
    """H.265, MJPEG and others."""
    B_FRAMES = "b_frames"
    """Pictures do not come in the order in which they are shown."""
    PROFILE = "profile"
    """H.264, but with 10 bit or more colour than browsers decode."""
    INTRA_REFRESH = "intra_refresh"
    """H.264 without IDR pictures, which browsers wait for."""
    PRIVACY_MASK = "privacy_mask"
    """Parts of the picture are painted over, whatever the codec."""


def why_transcoded(
    stream: StreamInfo, *, reorders: bool, is_masked: bool = False, refreshes: bool = False
) -> Transcoding | None:
    """Return the reason to transcode this stream, or None.

    `reorders`: packets with decreasing times were received. `refreshes`: keyframes do not stand
    alone.
    """
    if is_masked:
        return Transcoding.PRIVACY_MASK
    if stream.codec != "h264":
        return Transcoding.OTHER_CODEC
    if stream.has_b_frames or reorders:
        return Transcoding.B_FRAMES
    if refreshes:
        return Transcoding.INTRA_REFRESH
    profile = _profile_of(stream.extradata)
    if profile is not None and profile not in _PLAYABLE_PROFILES:
        return Transcoding.PROFILE
    return None


class Reordering:
    """Notices B-frames by the packets' times, for streams that do not declare them."""

    def __init__(self) -> None:
        self._times = 0
        self._last_s = float("-inf")

    @property
    def seen(self) -> bool:
        """True once the stream had B-frames."""
        return self._times >= _TIMES

    def observe(self, at_s: float) -> None:
        """Take the stream time of the next packet in decoding order."""
        if 0 < self._last_s - at_s < _JUMP_S:
            self._times += 1
        self._last_s = at_s

    def new_connection(self) -> None:
        """Accept any time for the next packet."""
        self._last_s = float("-inf")


def _lower_priority() -> None:
    """Lower this thread's priority, on Linux only; elsewhere it is the whole process's.

    The main thread is never lowered, because it could not go back.
    """
    if sys.platform == "linux" and threading.current_thread() is not threading.main_thread():
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST_PRIORITY)


def _profile_of(extradata: bytes) -> int | None:
    for unit in nal_units(extradata):
        if unit[0] & 0x1F == _SEQUENCE_SET and len(unit) > 1:
            return unit[1]
    return None
