"""Recorded file as packets and frames, deterministic and as fast as it can be read.

`read_file` decodes in presentation order on the caller's thread. Raises `SourceError`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeAlias

import av

from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.decoding.policy import DecodingPolicy, PolicyDecoder
from thapcanh.ingest.errors import Ended, NoVideo
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.libav import open_container
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.registry import open_source

_MOST_HELD_BYTES = 24_000_000  # as a worker holds


@dataclass(slots=True, kw_only=True)
class ReadCounts:
    """Counts of what was read of a file."""

    packets: int = 0
    frames_decoded: int = 0
    bad_packets: int = 0
    duration_s: float = 0.0


Piece: TypeAlias = Packet | Frame


def file_duration_s(path: Path) -> float | None:
    """Return the file's declared duration in seconds, or None."""
    try:
        with open_container(str(path)) as container:
            return None if container.duration is None else container.duration / av.time_base
    except (av.FFmpegError, OSError):
        return None


def read_file(
    source: Path | SecretUrl,
    camera_id: str,
    *,
    counts: ReadCounts | None = None,
    started_at: float = 0.0,
    begins_s: float = 0.0,
    policy: DecodingPolicy | None = None,
) -> Iterator[Piece]:
    """Yield each packet, then the frames it completes. Raise `SourceError`.

    `started_at` is the UTC of camera time 0, `begins_s` the camera time of the first picture. With
    a `policy` only the frames that it decodes and shows are yielded. An address is read without
    retries until it ends.
    """
    reported = counts if counts is not None else ReadCounts()
    decoder = Decoder(camera_id, lambda at_s: started_at + at_s)
    decode = decoder.decode if policy is None else _by_policy(decoder, policy)
    url = source if isinstance(source, SecretUrl) else SecretUrl(str(source))
    with open_source(url) as connection:
        try:
            for packet in connection:
                at_s = begins_s + packet.at_s
                dated = replace(packet, at_s=at_s, received_at=started_at + at_s)
                reported.packets += 1
                yield dated
                frames = decode(dated, now=dated.received_at)
                if policy is not None:  # the last picture may be long before the end
                    reported.duration_s = max(reported.duration_s, at_s)
                yield from _counted(frames, reported, decoder)
        except Ended:
            pass
    yield from _counted(decoder.drain(now=started_at + reported.duration_s), reported, decoder)
    if reported.frames_decoded == 0:
        raise NoVideo(str(source), problem="no picture can be made of it", way_out="check the file")


def _by_policy(decoder: Decoder, policy: DecodingPolicy) -> "_Decode":
    """Return a decoder that follows the policy without lag."""
    decoding = PolicyDecoder(decoder, policy, max_held_bytes=_MOST_HELD_BYTES)
    return lambda packet, *, now: list(decoding.take(packet, 0.0, now=now))


class _Decode(Protocol):
    def __call__(self, packet: Packet, *, now: float) -> list[Frame]: ...


def _counted(frames: list[Frame], counts: ReadCounts, decoder: Decoder) -> list[Frame]:
    counts.frames_decoded = decoder.frames
    counts.bad_packets = decoder.bad_packets
    if frames:
        counts.duration_s = max(counts.duration_s, frames[-1].at_s)
    return frames
