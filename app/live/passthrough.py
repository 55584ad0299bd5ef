"""Which streams a browser can play as the camera sent them, and which must be transcoded.

Pure. WebRTC shows pictures in the order they come, so B-frames break it (1 of 15 pictures a second
was shown, while the film seemed to run); browsers decode H.264 up to High profile, 8 bit 4:2:0.
"""

from enum import StrEnum

from ingest.packets.annex_b import nal_units
from ingest.packets.packet import StreamInfo

_SEQUENCE_SET = 7
_PLAYABLE_PROFILES = frozenset({66, 77, 88, 100})  # Baseline, Main, Extended, High: H.264 annex A
_TIMES = 3
"""B-frames go back every few pictures; a clock that was set, or a film that began again, once."""
_JUMP_S = 2.0
"""Further back than any reordering: the camera's clock jumped, or its film began again."""


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
    """The reason to transcode this stream; none when it passes as it is.

    `reorders`: packets were seen whose time goes back, whatever the stream says of itself.
    `refreshes`: its keyframes do not stand alone.
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
        """Whether the stream has B-frames; once true it stays so."""
        return self._times >= _TIMES

    def observe(self, at_s: float) -> None:
        """Take the stream time of the next packet in decoding order."""
        if 0 < self._last_s - at_s < _JUMP_S:
            self._times += 1
        self._last_s = at_s

    def new_connection(self) -> None:
        """The next packet's time may be any; what was seen stays true."""
        self._last_s = float("-inf")


def _profile_of(extradata: bytes) -> int | None:
    for unit in nal_units(extradata):
        if unit[0] & 0x1F == _SEQUENCE_SET and len(unit) > 1:
            return unit[1]
    return None
