"""Film for officers and for evidence: held packets, put into an MP4 that any browser plays.

H.264 and H.265 packets are copied bit for bit. Other codecs (MJPEG, MPEG-4) no browser plays, so
they alone are encoded to H.264. One clip never mixes two streams: the longest run is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from pathlib import Path

import av
from av.container import OutputContainer
from av.stream import Stream

from ingest.annex_b import parameter_sets
from ingest.codec import new_decoder
from ingest.errors import ClipError
from ingest.packet import Packet

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
    """Whether these are the camera's own packets, bit for bit."""
    packets: int
    left_out: int


def write_clip(packets: Sequence[Packet], path: Path) -> ClipInfo:
    """Write the packets (in decoding order) to `path`, complete or not at all.

    Begins at the first keyframe, timestamps from zero, index in front. Raises `ClipError`.
    """
    run = _longest_run(packets)
    if not run:
        raise ClipError(f"{path.name}: no clip, there is no keyframe among {len(packets)} packets")
    copied = run[0].stream.codec in _COPIED
    partial = path.with_name(f".{path.name}.part")
    try:
        with av.open(
            str(partial), "w", format="mp4", options={"movflags": "+faststart"}
        ) as container:
            (_copy if copied else _encode)(container, run)
        partial.replace(path)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise ClipError(f"{path.name}: the clip could not be written: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
    start_s = min(packet.at_s for packet in run)
    return ClipInfo(
        path=path,
        start_s=start_s,
        duration_s=max(packet.at_s for packet in run) - start_s + 1 / (_fps(run)),
        bytes=path.stat().st_size,
        codec=run[0].stream.codec if copied else "h264",
        copied=copied,
        packets=len(run),
        left_out=len(packets) - len(run),
    )


def _longest_run(packets: Sequence[Packet]) -> list[Packet]:
    """The longest run of one stream, from its first keyframe on."""
    best: list[Packet] = []
    for _, group in groupby(packets, key=lambda packet: id(packet.stream)):
        run = list(group)
        first = next((place for place, packet in enumerate(run) if packet.is_keyframe), len(run))
        best = max(best, run[first:], key=len)
    return best


def _copy(container: OutputContainer, run: Sequence[Packet]) -> None:
    info = run[0].stream
    out = container.add_mux_stream(
        info.codec, width=info.width, height=info.height, time_base=_TICKS
    )
    if info.codec == "hevc":
        out.codec_tag = "hvc1"  # Safari and Chromium refuse FFmpeg's default, hev1
    for encoded in _retimed(run, out):
        container.mux_one(encoded)


def _retimed(run: Sequence[Packet], out: Stream) -> "list[av.Packet[Stream]]":
    """Copies of the packets whose times start at zero and whose decoding times rise."""
    times = _times(run)
    zero = min(pts for _, pts in times)
    copies: list[av.Packet[Stream]] = []
    for number, (packet, (dts, pts)) in enumerate(zip(run, times, strict=True)):
        data = bytes(packet.encoded)
        sets = packet.stream.extradata
        if number == 0 and sets and not parameter_sets(packet.stream.codec, data):
            data = sets + data
        copy: av.Packet[Stream] = av.Packet(data)
        copy.stream = out
        copy.time_base = _TICKS
        copy.dts, copy.pts = dts - zero, pts - zero
        copy.is_keyframe = packet.is_keyframe
        copies.append(copy)
    return copies


def _times(run: Sequence[Packet]) -> list[tuple[int, int]]:
    """(dts, pts) in ticks; decoding times are made where the source has none or they do not rise.

    The n-th packet to be decoded can be decoded no later than the n-th is shown, so sorted
    presentation times, moved ahead by the reordering depth, are valid decoding times.
    """
    pts = [round(packet.at_s / _TICKS) for packet in run]
    shown = sorted(pts)
    ahead = max(early - own for early, own in zip(shown, pts, strict=True))
    dts: list[int] = []
    for early in shown:
        lowest = dts[-1] + 1 if dts else early - ahead
        dts.append(max(early - ahead, lowest))
    return list(zip(dts, [max(a, b) for a, b in zip(pts, dts, strict=True)], strict=True))


def _encode(container: OutputContainer, run: Sequence[Packet]) -> None:
    info = run[0].stream
    decoder = new_decoder(info)
    out = container.add_stream("libx264", rate=Fraction(_fps(run)).limit_denominator(1000))
    out.width, out.height = info.width - info.width % 2, info.height - info.height % 2
    out.pix_fmt = "yuv420p"
    out.codec_context.time_base = _TICKS
    out.options = {"preset": "veryfast", "crf": "23"}
    start_s = min(packet.at_s for packet in run)
    shown = iter(sorted(packet.at_s for packet in run))
    for packet in [*run, None]:
        try:
            pictures = decoder.decode(packet.encoded if packet else None)
        except av.InvalidDataError:
            continue
        for picture in pictures:
            picture.pts = round((next(shown, start_s) - start_s) / _TICKS)
            picture.time_base = _TICKS
            container.mux(out.encode(picture))
    container.mux(out.encode(None))


def _fps(run: Sequence[Packet]) -> float:
    times = [packet.at_s for packet in run]
    span = max(times) - min(times)
    return (len(run) - 1) / span if span > 0 else run[0].stream.fps or _USUAL_FPS
