"""An alert belongs to who owned its camera when the picture was taken, however late it comes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import sqlalchemy as sa

from alerts.alert.alert_rows import IncomingEvent
from alerts.registry.camera_owners import former_owners
from alerts.registry.recording_rights import owner_at


def owned(
    connection: sa.Connection, arrivals: Sequence[IncomingEvent], new: Sequence[int]
) -> Iterator[tuple[int, IncomingEvent]]:
    """The new ones of these arrivals by their numbers, each with its owner of then."""
    cameras = {arrivals[one].message.event.camera_id for one in new}
    former = former_owners(connection, sorted(cameras))
    for one in new:
        arrival = arrivals[one]
        seen, present = arrival.message.event, (arrival.facts.agency, arrival.facts.area)
        owner = owner_at(former.get(seen.camera_id, ()), present, seen.captured_at)
        if owner != present:
            facts = replace(arrival.facts, agency=owner[0], area=owner[1])
            arrival = replace(arrival, facts=facts)
        yield one, arrival
