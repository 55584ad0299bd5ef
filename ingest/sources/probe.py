"""Probe of a source: what it is, or exactly why it cannot be read.

A bad source never raises.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from thapcanh.config.camera import CameraConfig, Transport
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.networks import Network
from thapcanh.ingest.decoding.adaptive import INTRA_REFRESH, AdaptiveDecodingSettings
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.errors import Ended, Garbled, NoKeyframe, SourceError, Stalled
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.connection import Connection, OpenSource
from thapcanh.ingest.sources.registry import open_source, opener_of
from thapcanh.ingest.sources.substream import second_stream_of

_WATCH_S = 8.0
"""Long enough to see two keyframes of a camera that sends one every few seconds."""

_KEYFRAME_WAIT_S = 20.0
"""As long for the first keyframe: joined in its middle, a long group shows nothing before."""

_KEYFRAMES = 3
"""Two intervals; then nothing more is learned."""

_LARGE_PX = 1000
"""Lines of a picture from which a second stream is worth asking for."""

_LONG_GOP_S = 4.0
"""Above this, a camera may need more than 5 s to show anything after a loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """Facts of a source. If `error` is set, the other fields tell how far the probe came."""

    url: str
    """Without the password."""
    ok: bool
    error: str | None = None
    reason: str | None = None
    """A machine's name for the error."""
    transport: str | None = None
    """By which the pictures come: tcp, udp or multicast; None where there is no choice."""
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    keyframe_interval_s: float | None = None
    has_b_frames: bool | None = None
    bitrate_kbps: float | None = None
    opened_in_s: float | None = None
    time_to_first_frame_s: float | None = None
    packets: int = 0
    frames_decoded: int = 0
    bad_packets: int = 0
    decoding: str | None = None
    """How much of it will be decoded. A constant bitrate only shows while it is watched for longer:
    the camera's own status then says so."""
    notes: tuple[str, ...] = ()
    """What is unwise about this stream, one line each."""


def probe(url: SecretUrl, *, open_with: OpenSource = open_source) -> ProbeReport:
    """Open `url`, read for at most some seconds, report."""
    observed = _Seen(str(url))
    try:
        with open_with(url) as connection:
            observed.opened(connection.transport)
            _watch(connection, observed)
    except (Ended, Stalled) as error:  # libav waits for the end of a picture that is garbage
        return observed.report(_of_an_end(observed, error, str(url)))
    except SourceError as error:
        return observed.report(error)
    if observed.frames and not observed.is_garbage:
        return observed.report(None)
    return observed.report(Garbled(str(url)) if observed.keyframes else _no_keyframe(str(url)))


def probe_camera(camera: CameraConfig, networks: tuple[Network, ...] = ()) -> ProbeReport:
    """`probe` of a camera's source, opened as its worker opens it."""
    return probe(camera.source, open_with=opener_of(camera, networks))


def _of_an_end(observed: "_Seen", error: SourceError, shown: str) -> SourceError | None:
    if observed.is_garbage:
        return Garbled(shown)
    return None if isinstance(error, Ended) and observed.frames else error


def _no_keyframe(shown: str) -> NoKeyframe:
    return NoKeyframe(shown, problem=f"no keyframe within {_KEYFRAME_WAIT_S:g} s")


def render(report: ProbeReport) -> str:
    return "\n".join(_lines(report))


def as_dict(report: ProbeReport) -> dict[str, Any]:
    return asdict(report)


class _Seen:
    """Observations of a probe."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self._began = time.monotonic()
        self._opened_s: float | None = None
        self._transport: Transport | None = None
        self._first_frame_s: float | None = None
        self._decoder = Decoder("probe", lambda at_s: at_s)
        self._times: list[float] = []
        self._keyframe_times: list[float] = []
        self._refreshes = False
        self._bytes = 0
        self._last: Packet | None = None

    def opened(self, transport: Transport | None) -> None:
        self._transport = transport
        self._opened_s = time.monotonic() - self._began

    def take(self, packet: Packet) -> None:
        self._last = packet
        self._times.append(packet.at_s)
        self._bytes += packet.size_bytes
        if packet.is_keyframe:
            self._keyframe_times.append(packet.at_s)
            self._refreshes = not packet.stands_alone
        if self._keyframe_times:
            self._decoder.decode(packet, now=packet.received_at)
        if self.frames and self._first_frame_s is None:
            self._first_frame_s = time.monotonic() - self._began

    @property
    def frames(self) -> int:
        return self._decoder.frames

    @property
    def keyframes(self) -> int:
        return len(self._keyframe_times)

    @property
    def is_garbage(self) -> bool:
        """True if most of it is undecodable."""
        return self._decoder.bad_packets > self.frames

    @property
    def enough(self) -> bool:
        read_s = time.monotonic() - self._began - (self._opened_s or 0.0)
        if not self._keyframe_times:
            return read_s >= _KEYFRAME_WAIT_S
        every_packet_is_one = len(self._keyframe_times) == len(self._times)
        needed = 30 if every_packet_is_one else _KEYFRAMES
        return read_s >= _WATCH_S or (self.frames > 0 and len(self._keyframe_times) >= needed)

    def report(self, error: SourceError | None) -> ProbeReport:
        if error is None:
            self._decoder.drain(now=0.0)
        last, ordered = self._last, sorted(self._times)
        span_s = ordered[-1] - ordered[0] if ordered else 0.0
        fps = (len(ordered) - 1) / span_s if span_s > 0 else None
        keys = self._keyframe_times
        interval_s = (keys[-1] - keys[0]) / (len(keys) - 1) if len(keys) > 1 else None
        reordered = ordered != self._times if ordered else None
        return ProbeReport(
            url=self._shown,
            ok=error is None,
            error=str(error) if error else None,
            reason=error.reason if error else None,
            transport=self._transport,
            codec=last.stream.codec if last else None,
            width=(last.stream.width or None) if last else None,
            height=(last.stream.height or None) if last else None,
            fps=round(fps, 2) if fps else None,
            keyframe_interval_s=round(interval_s, 2) if interval_s is not None else None,
            has_b_frames=reordered,
            bitrate_kbps=round(self._bytes * 8 / span_s / 1000, 1) if span_s > 0 else None,
            opened_in_s=_rounded(self._opened_s),
            time_to_first_frame_s=_rounded(self._first_frame_s),
            packets=len(ordered),
            frames_decoded=self.frames,
            bad_packets=self._decoder.bad_packets,
            decoding=_decoding(last, interval_s, self._refreshes) if self.frames else None,
            notes=(
                *_notes(last, interval_s, reordered, self._decoder.bad_packets),
                *_of_refresh(self._refreshes),
                *_by_datagrams(self._transport),
                *_smaller(last, self._shown),
            ),
        )


def _watch(connection: Connection, observed: _Seen) -> None:
    for packet in connection:
        observed.take(packet)
        if observed.enough:
            return


def _decoding(last: Packet | None, interval_s: float | None, refreshes: bool) -> str | None:
    """Return how `AdaptiveDecodingPolicy` will decode it."""
    if last is None:
        return None
    if refreshes:
        return f"always: {INTRA_REFRESH}; luma wakes the looks"
    if interval_s is None or interval_s > AdaptiveDecodingSettings().longest_unseen_s:
        return "always: keyframes are too far apart to sleep between them; luma wakes the looks"
    if last.stream.fps and interval_s * last.stream.fps < 2:
        return "idle: single pictures; every packet is a keyframe, luma wakes it"
    return "idle: keyframes, while nothing happens; packet sizes and looks wake it"


def _notes(
    last: Packet | None, interval_s: float | None, reordered: bool | None, bad_packets: int
) -> Iterator[str]:
    if last is None:
        return
    if interval_s is None and last.stream.codec != "mjpeg":
        yield f"no second keyframe within {_WATCH_S:g} s; set the keyframe interval to 1-2 s"
    elif interval_s is not None and interval_s > _LONG_GOP_S:
        yield f"a keyframe only every {interval_s:.1f} s; set the keyframe interval to 1-2 s"
    if reordered:
        yield "has B-frames: later by some pictures, and live view must re-encode; turn them off"
    if last.stream.codec not in ("h264", "hevc"):
        yield f"{last.stream.codec} costs network and disk; H.264 or H.265 is better"
    if bad_packets:
        yield f"{bad_packets} packets could not be decoded"


def _of_refresh(refreshes: bool) -> Iterator[str]:
    if refreshes:
        yield (
            "it sends no IDR pictures (intra refresh), so it never sleeps and begins late after a "
            "loss; switch intra refresh off in the encoder"
        )


def _by_datagrams(transport: Transport | None) -> Iterator[str]:
    if transport in (Transport.UDP, Transport.MULTICAST):
        yield f"its pictures come by {transport}, where what is lost on the way stays lost"


def _smaller(last: Packet | None, shown: str) -> Iterator[str]:
    """Yield advice to use a smaller stream if this one is large."""
    if last is None or last.stream.height < _LARGE_PX:
        return
    second = second_stream_of(shown)
    where = "the camera's second stream" if second is None else second
    yield f"large to watch: try {where} as source, and keep this one as main_source for live view"


def _lines(report: ProbeReport) -> Iterable[str]:
    yield report.url if report.ok else f"FAILED {report.error}"
    rows = (
        ("comes by", report.transport),
        ("codec", report.codec),
        ("size", f"{report.width} x {report.height}" if report.width else None),
        ("frames per second", report.fps),
        ("keyframe every", _seconds(report.keyframe_interval_s)),
        ("B-frames", None if report.has_b_frames is None else _yes_no(report.has_b_frames)),
        ("decoding", report.decoding),
        ("bitrate", f"{report.bitrate_kbps:g} kbit/s" if report.bitrate_kbps else None),
        ("opened in", _seconds(report.opened_in_s)),
        ("first picture after", _seconds(report.time_to_first_frame_s)),
    )
    yield from (f"  {name:<20} {value}" for name, value in rows if value is not None)
    yield from (f"  note: {note}" for note in report.notes)


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:g} s"


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
