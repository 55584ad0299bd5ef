"""Lost pictures detected by H.264's `frame_num`.

A stream that allows gaps (temporal layers) or is not understood never has any.
"""

from dataclasses import dataclass

from thapcanh.ingest.packets.annex_b import nal_units

_HEAD_BYTES = 2048
"""Of a picture: before its first slice may stand parameter sets and an encoder's own words."""
_SLICE_HEAD_BYTES = 16
_SLICE, _IDR, _SEQUENCE_SET = 1, 5, 7  # H.264 table 7-1
_WITH_CHROMA = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""Profiles that say how colour is coded (7.3.2.1.1)."""


class FrameNumbers:
    """Frame numbers of one stream."""

    def __init__(self, parameter_sets: bytes) -> None:
        self._rules: _NumberRules | None = None  # None: nothing can be said
        self._last: int | None = None
        for unit in nal_units(parameter_sets):
            self._learn(unit)

    def reset(self) -> None:
        """Reset: the next picture does not continue the last one."""
        self._last = None

    def is_picture_missing(self, picture: memoryview) -> bool:
        """Return whether pictures before this one are missing, and record its frame number."""
        for unit in nal_units(bytes(picture[:_HEAD_BYTES])):
            kind = unit[0] & 0x1F
            if kind == _SEQUENCE_SET:
                self._learn(unit)
            elif kind == _IDR:
                self._last = 0
                return False
            elif kind == _SLICE:
                return self._follows_hole(unit)
        return False

    def _follows_hole(self, unit: bytes) -> bool:
        rules = self._rules
        number = None if rules is None else _number(unit, rules)
        if rules is None or number is None:
            return False
        last = self._last
        if unit[0] & 0x60:  # others lean on it
            self._last = number
        if last is None or number == (last + 1) % (1 << rules.bits):
            return False
        return number != last or not rules.has_fields  # two fields of a picture share one

    def _learn(self, unit: bytes) -> None:
        if unit[0] & 0x1F != _SEQUENCE_SET:
            return
        try:
            self._rules = _number_rules(unit)
        except ValueError:
            self._rules = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _NumberRules:
    """Number settings of a sequence."""

    bits: int
    has_fields: bool
    """Pictures may come as two fields, a packet each."""


def _number(unit: bytes, rules: _NumberRules) -> int | None:
    """`frame_num` of a slice (7.3.3); None where it cannot be read."""
    try:
        bits = _Bits(unit[1:_SLICE_HEAD_BYTES])
        for _ in ("first_mb_in_slice", "slice_type", "pic_parameter_set_id"):
            bits.exp_golomb()
        return bits.take(rules.bits)
    except ValueError:
        return None


def _number_rules(unit: bytes) -> _NumberRules | None:
    """Return those of a sequence parameter set (7.3.2.1.1); None if gaps are allowed."""
    bits = _Bits(unit[1:])
    profile = bits.take(8)
    bits.take(16)
    bits.exp_golomb()
    if profile in _WITH_CHROMA:
        if bits.exp_golomb() == 3:  # three planes of colour: a slice names its own
            return None
        bits.exp_golomb()
        bits.exp_golomb()
        bits.take(1)
        if bits.take(1):  # scaling lists: hardly any camera has its own
            return None
    length = bits.exp_golomb() + 4
    _skip_order_count(bits)
    bits.exp_golomb()
    has_gaps = bool(bits.take(1))
    for _ in ("pic_width_in_mbs_minus1", "pic_height_in_map_units_minus1"):
        bits.exp_golomb()
    if has_gaps or length > 16:
        return None
    return _NumberRules(bits=length, has_fields=not bits.take(1))


def _skip_order_count(bits: "_Bits") -> None:
    kind = bits.exp_golomb()
    if kind == 0:
        bits.exp_golomb()
    elif kind == 1:
        bits.take(1)
        bits.exp_golomb()
        bits.exp_golomb()
        for _ in range(min(bits.exp_golomb(), 255)):
            bits.exp_golomb()


@dataclass(slots=True)
class _Bits:
    """Reads a NAL unit bit by bit. Raises `ValueError` where it ends."""

    _value: int
    _left: int

    def __init__(self, data: bytes) -> None:
        plain = data.replace(b"\x00\x00\x03", b"\x00\x00")  # 7.4.1: emulation prevention
        self._value = int.from_bytes(plain)
        self._left = len(plain) * 8

    def take(self, count: int) -> int:
        """Return the next `count` bits as a number."""
        if count > self._left:
            raise ValueError("the unit ends here")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def exp_golomb(self) -> int:
        """Return the next ue(v) number (9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)
