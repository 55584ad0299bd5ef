"""Opening of libav containers and decoders.

Raises what `av.open` raises.
"""

from collections.abc import Mapping
from typing import IO

import av
from av.codec.context import Flags
from av.codec.hwaccel import HWAccel
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext

from thapcanh.ingest.packets.packet import StreamInfo

Seconds = float | tuple[float, float]
"""How long to wait: for everything, or (for opening, for one read)."""
LARGEST_PX = 8192
"""Longest side of a picture that is decoded: 16000 x 16000 take 1.6 GB of memory."""
SIZE_LIMIT = {"max_pixels": str(LARGEST_PX * LARGEST_PX)}
"""libav's option, for decoders and for what it decodes while it opens."""


def open_container(
    source: str | IO[bytes],
    *,
    format: str | None = None,  # noqa: A002 - PyAV's name
    options: Mapping[str, str] | None = None,
    timeout: Seconds | None = None,
) -> InputContainer:
    """Open an address, a path or an open file; `format` None: found out by libav."""
    return av.open(
        source,
        mode="r",
        format=format,
        options=dict(options or {}),
        timeout=timeout,
        metadata_errors="replace",
    )


def new_decoder(
    stream: StreamInfo, *, name: str | None = None, hwaccel: HWAccel | None = None
) -> VideoCodecContext:
    """Return a new decoder. Raise `av.FFmpegError` for an unknown codec.

    `name` selects a decoder other than the codec's default, `hwaccel` a device.
    """
    context = VideoCodecContext.create(name or stream.codec, "r", hwaccel=hwaccel)
    if not isinstance(context, VideoCodecContext):
        raise TypeError(f"{stream.codec} is not a video codec")
    context.thread_type = "NONE"
    context.thread_count = 1
    context.options = SIZE_LIMIT
    if stream.codec == "hevc":  # else one lost picture blinds the camera until the next keyframe
        context.flags |= Flags.output_corrupt
    if stream.width and stream.height:  # old codecs of AVI files do not say it in their pictures
        context.width, context.height = stream.width, stream.height
    if stream.extradata:
        context.extradata = stream.extradata
    return context
