"""Annex B data: NAL units and parameter sets of H.264 and H.265."""

from collections.abc import Iterator

START_CODE = b"\x00\x00\x00\x01"
_SHORT_START_CODE = b"\x00\x00\x01"

_IDR, _SEI = 5, 6  # H.264 table 7-1
_RECOVERY_POINT = 6  # H.264 D.1.1
_H264_PARAMETER_SETS = frozenset({7, 8})  # SPS, PPS (H.264 table 7-1)
_H265_PARAMETER_SETS = frozenset({32, 33, 34})  # VPS, SPS, PPS (H.265 table 7-1)


def nal_units(data: bytes) -> Iterator[bytes]:
    """Yield the NAL units without their start codes."""
    start = data.find(_SHORT_START_CODE)
    while start >= 0:
        start += len(_SHORT_START_CODE)
        end = data.find(_SHORT_START_CODE, start)
        unit = data[start : end if end >= 0 else None].rstrip(b"\x00")
        if unit:
            yield unit
        start = end


def parameter_sets(codec: str, data: bytes) -> bytes:
    """Return the parameter sets in `data`, each once, with start codes; empty if none."""
    found: list[bytes] = []
    for unit in nal_units(data):
        if _is_parameter_set(codec, unit) and unit not in found:
            found.append(unit)
    return b"".join(START_CODE + unit for unit in found)


def sequence_sets(codec: str, data: bytes) -> frozenset[bytes]:
    """Return the sets with size and profile (SPS); picture sets may alternate in one stream."""
    return frozenset(unit for unit in nal_units(data) if _is_sequence_set(codec, unit))


def needs_run_up(codec: str, keyframe: bytes) -> bool:
    """Return whether pictures come some packets later: a recovery point of intra refresh.

    Such a stream has no IDR pictures; blocks are refreshed column by column (H.264 D.2.8).
    """
    if codec != "h264":
        return False
    units = list(nal_units(keyframe))
    return not any(unit[0] & 0x1F == _IDR for unit in units) and any(
        _is_late_recovery(unit) for unit in units if unit[0] & 0x1F == _SEI
    )


def is_annex_b(data: bytes) -> bool:
    """Return whether data start with a start code, else they are length-prefixed as in MP4."""
    return data.startswith((_SHORT_START_CODE, START_CODE))


def has_parameter_sets(codec: str) -> bool:
    return codec in ("h264", "hevc")


def _is_late_recovery(sei: bytes) -> bool:
    """Return whether it has a recovery point with `recovery_frame_cnt` over 0."""
    at = 1
    while at + 2 < len(sei):
        kind, at = _sei_number(sei, at)
        size, at = _sei_number(sei, at)
        if kind == _RECOVERY_POINT:
            return at < len(sei) and not sei[at] & 0x80
        at += size
    return False


def _sei_number(sei: bytes, at: int) -> tuple[int, int]:
    """Return a number in SEI coding (7.3.2.3.1), and its end."""
    value = 0
    while at < len(sei) and sei[at] == 0xFF:
        value, at = value + 255, at + 1
    return (value + sei[at], at + 1) if at < len(sei) else (value, at)


def _is_parameter_set(codec: str, unit: bytes) -> bool:
    if codec == "h264":
        return unit[0] & 0x1F in _H264_PARAMETER_SETS
    return codec == "hevc" and (unit[0] >> 1) & 0x3F in _H265_PARAMETER_SETS


def _is_sequence_set(codec: str, unit: bytes) -> bool:
    if codec == "h264":
        return unit[0] & 0x1F == 7
    return codec == "hevc" and (unit[0] >> 1) & 0x3F == 33
