"""Child process that re-encodes a photo or video without its metadata."""

import base64
import json
import sys
from fractions import Fraction
from io import BytesIO
from typing import IO

import av
from av.error import FFmpegError
from av.video.stream import VideoStream
from PIL import Image, ImageOps, UnidentifiedImageError

from thapcanh.ingest.packets.libav import SIZE_LIMIT, open_container

_PHOTO_PX, _VIDEO_PX = 2560, 1280
_MOST_PIXELS = 80_000_000
_VIDEO_LIMIT = {"max_pixels": str(7680 * 4320)}  # no telephone takes larger films
_LONGEST_S = 60.0
_VIDEO_FPS = 15
_HOLDERS = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,gif",
    "protocol_whitelist": "none",
}
"""What holds pictures itself. A playlist would have us read other files, or listen on a port."""


def main(input_: IO[bytes], output: IO[bytes]) -> None:
    """Re-encode the file from the input."""
    content = input_.read()
    made = _made(content)
    if made is None:
        message: dict[str, str] = {"phase": "unreadable"}
    else:
        message = {"phase": "done", "kind": made[0], "content": base64.b64encode(made[1]).decode()}
    output.write(json.dumps(message).encode() + b"\n")
    output.flush()


def _made(content: bytes) -> tuple[str, bytes] | None:
    Image.MAX_IMAGE_PIXELS = None  # its own limit lets twice as much pass; ours is judged below
    try:
        opened = Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
    except (UnidentifiedImageError, ImportError, OSError, ValueError, SyntaxError):
        return _film(content)  # ImportError: Pillow was extended by a library without decoder here
    with opened:
        return _photo(opened)


def _photo(opened: Image.Image) -> tuple[str, bytes] | None:
    """Return the photo; its size is read from the header, before the costly decoding."""
    if opened.width * opened.height > _MOST_PIXELS:
        return None
    try:
        opened.draft("RGB", (_PHOTO_PX, _PHOTO_PX))  # a JPEG is decoded no larger than it is kept
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (ImportError, OSError, ValueError, SyntaxError):
        return None
    picture.thumbnail((_PHOTO_PX, _PHOTO_PX))
    plain = Image.new("RGB", picture.size)
    plain.paste(picture)
    written = BytesIO()
    plain.save(written, "JPEG", quality=82)
    return "photo", written.getvalue()


def _film(content: bytes) -> tuple[str, bytes] | None:
    written = BytesIO()
    try:
        with open_container(BytesIO(content), options=_HOLDERS | SIZE_LIMIT) as source:
            if not source.streams.video:
                return None
            source.streams.video[0].codec_context.options = _VIDEO_LIMIT
            with av.open(written, "w", format="mp4") as target:
                pictures = _copied(source, target)
        return ("video", written.getvalue()) if pictures > 1 else None
    except (FFmpegError, ValueError, MemoryError):
        return None


def _copied(source: av.container.InputContainer, target: av.container.OutputContainer) -> int:
    """Write the pictures again, at most fifteen a second, and return how many.

    A browser's recording has no duration, and a single picture is not a video.
    """
    first = source.streams.video[0]
    made: VideoStream | None = None
    last, pictures = -1, 0
    for frame in source.decode(first):
        at_s = frame.time or 0.0
        if at_s > _LONGEST_S:
            break
        tick = int(at_s * _VIDEO_FPS)
        if tick <= last:
            continue
        last = tick
        scale = min(1.0, _VIDEO_PX / max(frame.width, frame.height))
        width, height = (int(side * scale) // 2 * 2 for side in (frame.width, frame.height))
        if made is None:
            made = target.add_stream("libx264", rate=_VIDEO_FPS)
            made.width, made.height, made.pix_fmt = width, height, "yuv420p"
            made.options = {"preset": "veryfast", "crf": "26"}
        picture = frame.reformat(made.width, made.height, "yuv420p")
        picture.pts, picture.time_base = tick, Fraction(1, _VIDEO_FPS)
        target.mux(made.encode(picture))
        pictures += 1
    if made is not None:
        target.mux(made.encode(None))
    return pictures


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
