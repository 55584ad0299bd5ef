"""An entry of a stream as Redis or Valkey delivers it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEntry:
    """One stream entry as it was delivered; bytes that are not UTF-8 are escaped."""

    stream_id: str
    fields: Mapping[str, str]

    @property
    def queued_at(self) -> float:
        """UTC seconds at which the server took the entry: the first half of its id."""
        return int(self.stream_id.partition("-")[0]) / 1000


def deliveries(entries: Sequence[Any]) -> list[StreamEntry]:
    """Return the entries of a reply; one that was deleted meanwhile has no fields."""
    return [
        StreamEntry(
            stream_id=stream_id.decode(),
            fields={_text(name): _text(value) for name, value in (fields or {}).items()},
        )
        for stream_id, fields in entries
    ]


def _text(raw: bytes) -> str:
    return raw.decode(errors="backslashreplace")


def id_parts(stream_id: str) -> tuple[int, int]:
    """A stream id as numbers, in the stream's order."""
    millis, _, number = stream_id.partition("-")
    return int(millis), int(number or 0)
