"""What a stream of changes says: its messages, one by one, until something was heard."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Heard:
    """One server-sent event."""

    name: str
    id: str
    data: Any


def events_of(response: httpx.Response) -> Iterator[Heard]:
    """The events of an open stream, as they come."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if "data" in fields:
            yield Heard(fields["event"], fields["id"], json.loads(fields["data"]))
        fields = {}


def until(events: Iterator[Heard], wanted: Callable[[Heard], bool]) -> list[Heard]:
    """Read on until the wanted event; returns all that were read, it last."""
    read = []
    for heard in events:
        read.append(heard)
        if wanted(heard):
            return read
    raise AssertionError(f"the stream ended after {read}")


def is_change(heard: Heard) -> bool:
    return heard.name == "change"


def is_beat(heard: Heard) -> bool:
    return heard.name == "heartbeat"
