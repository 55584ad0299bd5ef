"""The part of a file that a player asks for (RFC 9110, 14.1.2): one range of bytes, or the whole.

Several ranges at once are answered with the whole file, as the standard allows.
"""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"^bytes=([0-9]{0,18})-([0-9]{0,18})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRange:
    """Bytes `first` to `last` of `size`, both included; an empty file's last byte is number -1."""

    first: int
    last: int
    size: int
    is_part: bool = True  # the answer to a range, even if that is all of it

    @property
    def length(self) -> int:
        """How many bytes it is."""
        return self.last - self.first + 1

    @property
    def content_range(self) -> str:
        """The header's value."""
        return f"bytes {self.first}-{self.last}/{self.size}"


def asked_range(header: str | None, size: int) -> FileRange | None:
    """What a `Range` header asks of a file of this size; None where nothing of it is there."""
    whole = FileRange(first=0, last=size - 1, size=size, is_part=False)
    found = _RANGE.match((header or "").replace(" ", ""))
    if found is None or found.groups() == ("", ""):
        return whole
    begin, end = found.groups()
    if begin:
        first, last = int(begin), min(int(end), size - 1) if end else size - 1
        if end and int(end) < int(begin):
            return whole  # not a range: as if none was asked for
    else:
        first, last = max(0, size - int(end)), size - 1
    return FileRange(first=first, last=last, size=size) if first <= last else None
