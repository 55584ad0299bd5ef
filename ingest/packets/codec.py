"""The one place where a libav decoder is made.

Single-threaded, so that many cameras share a machine without delay or thread storms.
"""

from av.video.codeccontext import VideoCodecContext

from ingest.packets.packet import StreamInfo

LARGEST_PX = 8192
"""Longest side of a picture that is decoded: 16000 x 16000 take 1.6 GB of memory."""
SIZE_LIMIT = {"max_pixels": str(LARGEST_PX * LARGEST_PX)}
"""libav's option, for decoders and for what it decodes while it opens."""


def new_decoder(stream: StreamInfo) -> VideoCodecContext:
    """A decoder for this stream, not yet fed. Raises `av.FFmpegError` for an unknown codec."""
    context = VideoCodecContext.create(stream.codec, "r")
    if not isinstance(context, VideoCodecContext):
        raise TypeError(f"{stream.codec} is not a video codec")
    context.thread_type = "NONE"
    context.thread_count = 1
    context.options = SIZE_LIMIT
    if stream.width and stream.height:  # old codecs of AVI files do not say it in their pictures
        context.width, context.height = stream.width, stream.height
    if stream.extradata:
        context.extradata = stream.extradata
    return context
