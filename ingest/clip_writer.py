"""Clips in MP4 from held packets, for officers and evidence.

One clip never mixes two streams.
"""

import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path

import av
from av.container import OutputContainer
from av.stream import Stream

from thapcanh.config.files import whole_file
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.errors import ClipError
from thapcanh.ingest.packets.annex_b import parameter_sets
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.privacy_mask import PrivacyMask

_COPIED = frozenset({"h264", "hevc"})
_TICKS = Fraction(1, 90_000)
_USUAL_FPS = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipInfo:
    """A written clip. `start_s` is camera time; `left_out` packets belonged to other streams."""

    path: Path
    start_s: float
    duration_s: float
    bytes: int
    codec: str
    """What is in the file."""
    copied: bool
    """True if these are the camera's own packets, bit for bit."""
    plays_everywhere: bool
    """True if every browser plays it; H.265 needs one with a decoder for it."""
    packets: int
    left_out: int


def write_clip(
    packets: Sequence[Packet],
    path: Path,
    *,
    viewing: bool = False,
    around_s: float | None = None,
    mask: PrivacyMask | None = None,
) -> ClipInfo:
    """Write the packets (in decoding order) to `path` atomically. Raise `ClipError`.

    The clip starts at the first keyframe, with timestamps from zero and the index in front. Of
    several streams the one at camera time `around_s` is written. With a `mask` it is encoded again
    with the masked parts black.
    """
    run = _chosen_run(packets, around_s)
    if not run:
        raise ClipError(f"{path.name}: no clip, there is no keyframe among {len(packets)} packets")
    codec = run[0].stream.codec
    copied = codec in _COPIED and not (viewing and codec != "h264") and not mask
    try:
        with (
            whole_file(path) as draft,
            av.open(str(draft), "w", format="mp4", options={"movflags": "+faststart"}) as container,
        ):
            if copied:
                _copy(container, run)
            else:
                _encode(container, run, mask or PrivacyMask(()))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise ClipError(f"{path.name}: the clip could not be written: {error}") from error
    start_s = min(packet.at_s for packet in run)
    return ClipInfo(
        path=path,
        start_s=start_s,
        duration_s=max(packet.at_s for packet in run) - start_s + 1 / _fps(run),
        bytes=path.stat().st_size,
        codec=codec if copied else "h264",
        copied=copied,
        plays_everywhere=not copied or codec == "h264",
        packets=len(run),
        left_out=len(packets) - len(run),
    )


def _chosen_run(packets: Sequence[Packet], around_s: float | None) -> list[Packet]:
    """Return the run of one stream that contains `around_s`, else the longest run."""
    groups = groupby(packets, key=lambda packet: id(packet.stream))
    runs = [_from_keyframe(list(group)) for _, group in groups]
    showing = [run for run in runs if run and around_s is not None and _shows(run, around_s)]
    return max(showing or runs, key=len, default=[])


def _from_keyframe(run: Sequence[Packet]) -> list[Packet]:
    """Return the run from its first keyframe on.

    Pictures displayed before that keyframe but sent after it (open group) are left out, by the
    stream's own times.
    """
    first = next((place for place, packet in enumerate(run) if packet.is_keyframe), len(run))
    if first == len(run):
        return []
    keyframe = run[first]
    return [packet for packet in run[first:] if not _is_shown_before(packet, keyframe)]


def _is_shown_before(packet: Packet, keyframe: Packet) -> bool:
    own, first = packet.encoded.pts, keyframe.encoded.pts
    if own is None or first is None:
        return packet.at_s < keyframe.at_s
    return own < first


def _shows(run: Sequence[Packet], at_s: float) -> bool:
    return run[0].at_s <= at_s <= max(packet.at_s for packet in run)


def _copy(container: OutputContainer, run: Sequence[Packet]) -> None:
    out = _stream_like(container, run)
    if run[0].stream.codec == "hevc":
        out.codec_context.codec_tag = "hvc1"  # Safari refuses FFmpeg's usual hev1
    out.time_base = _TICKS
    for packet in _retimed(run, out):
        container.mux_one(packet)


def _stream_like(container: OutputContainer, run: Sequence[Packet]) -> Stream:
    """Return the clip's stream, from the first keyframe that is not damaged."""
    for packet in run:
        if not packet.is_keyframe:
            continue
        head = io.BytesIO(_with_parameter_sets(packet))
        with suppress(av.FFmpegError), open_container(head, format=packet.stream.codec) as raw:
            video = raw.streams.video[0]
            if video.codec_context.width:  # what libav learned makes the MP4's header
                return container.add_stream_from_template(video)
    raise ValueError("none of its keyframes can be decoded")


def _with_parameter_sets(keyframe: Packet) -> bytes:
    data = bytes(keyframe.encoded)
    if parameter_sets(keyframe.stream.codec, data):
        return data
    return keyframe.stream.extradata + data


def _retimed(run: Sequence[Packet], out: Stream) -> "list[av.Packet[Stream]]":
    """Return copies of the packets with times from zero and rising decoding times."""
    times = decoding_times([round(packet.at_s / _TICKS) for packet in run])
    zero = min(pts for _, pts in times)
    steps = [after[0] - before[0] for before, after in pairwise(times)]
    steps.append(round(1 / _fps(run) / _TICKS))
    copies: list[av.Packet[Stream]] = []
    for packet, (dts, pts), step in zip(run, times, steps, strict=True):
        copy: av.Packet[Stream] = av.Packet(
            bytes(packet.encoded) if copies else _with_parameter_sets(packet)
        )
        copy.stream = out
        copy.time_base = _TICKS
        copy.dts, copy.pts, copy.duration = dts - zero, pts - zero, step
        copy.is_keyframe = packet.is_keyframe
        copies.append(copy)
    return copies


def decoding_times(pts: Sequence[int]) -> list[tuple[int, int]]:
    """Return (dts, pts) for presentation times in decoding order; RTSP carries no dts.

    Sorted presentation times, moved ahead by the reordering depth, are valid and rising.
    """
    shown = sorted(pts)
    ahead = max(early - own for early, own in zip(shown, pts, strict=True))
    times: list[tuple[int, int]] = []
    for early, own in zip(shown, pts, strict=True):
        dts = early - ahead
        if times:
            dts = max(dts, times[-1][0] + 1)
        times.append((dts, max(own, dts)))
    return times


def _encode(container: OutputContainer, run: Sequence[Packet], mask: PrivacyMask) -> None:
    info = run[0].stream
    decoder = Decoder("clip", lambda at_s: at_s)
    out = container.add_stream("libx264", rate=Fraction(_fps(run)).limit_denominator(1000))
    out.width, out.height = info.width - info.width % 2, info.height - info.height % 2
    out.pix_fmt = "yuv420p"
    out.codec_context.time_base = _TICKS
    out.options = {"preset": "veryfast", "crf": "23"}
    start_s: float | None = None
    for packet in [*run, None]:
        frames = decoder.decode(packet, now=0.0) if packet else decoder.drain(now=0.0)
        for frame in frames:
            start_s = frame.at_s if start_s is None else start_s
            picture = mask.on_frame(frame).picture
            picture.pts, picture.time_base = round((frame.at_s - start_s) / _TICKS), _TICKS
            container.mux(out.encode(picture))
    if not decoder.frames:
        raise ValueError("no picture can be made of its packets")
    container.mux(out.encode(None))


def _fps(run: Sequence[Packet]) -> float:
    times = [packet.at_s for packet in run]
    span = max(times) - min(times)
    return (len(run) - 1) / span if span > 0 else run[0].stream.fps or _USUAL_FPS
