"""Which layers a Mapbox Vector Tile has, and which keys their features use.

Only names are read, no geometry (vector-tile-spec 2.1: layer = 3; in it name = 1, keys = 3).
"""

from collections.abc import Iterator

_VARINT, _I64, _BYTES, _I32 = 0, 1, 2, 5
_LAYER, _NAME, _KEY = 3, 1, 3


def keys_of_layers(tile: bytes) -> dict[str, frozenset[str]]:
    """Keys by layer name; raise `ValueError` when this is no vector tile."""
    found: dict[str, frozenset[str]] = {}
    for number, layer in _fields(tile):
        if number == _LAYER:
            parts = list(_fields(layer))
            names = [text.decode() for part, text in parts if part == _NAME]
            keys = frozenset(text.decode() for part, text in parts if part == _KEY)
            found[names[0] if names else ""] = keys
    return found


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of each field that holds bytes; others are skipped."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == _VARINT:
            _, at = _varint(message, at)
        elif kind in (_I64, _I32):
            at += 8 if kind == _I64 else 4
        elif kind == _BYTES:
            length, at = _varint(message, at)
            if at + length > len(message):
                raise ValueError("a field is longer than its tile")
            yield tag >> 3, message[at : at + length]
            at += length
        else:
            raise ValueError(f"a field of the unknown type {kind}")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("a number does not end")
