"""A caller's link is texted to the number that called, by the target that is named for it. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from thapcanh.alerts.delivery.outbox.directed import link_subject
from thapcanh.alerts.store.outbox.outgoing import (
    CALLER_LINK,
    CALLER_LINK_TYPE,
    OutgoingEvent,
    iso_time,
)
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.config.rules import Priority

_LEAST_DIGITS = 8  # of a number that can be texted; shorter ones are lines inside


class LinkRefusal(StrEnum):
    """Why no link is made, or none that is sent."""

    NO_CALL = "call_not_found"
    NO_NUMBER = "call_without_number"
    NO_TARGET = "no_target_for_callers"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSending:
    """Targets that text callers, in order, each with the scope of its calls."""

    targets: Sequence[tuple[str, DataFilter]]
    said: Callable[[str], str]
    """What the caller is told, by the link's code."""

    def target_of(self, call: Any) -> str | LinkRefusal:
        """Return the target for the caller of a call (a row), or why there is none."""
        if len(call.caller or "") < _LEAST_DIGITS:
            return LinkRefusal.NO_NUMBER
        fits = (name for name, scope in self.targets if scope.sees(call.agency, call.area))
        return next(fits, LinkRefusal.NO_TARGET)

    def event(self, link: Any, call: Any, code: str) -> OutgoingEvent:
        return OutgoingEvent(
            type=CALLER_LINK_TYPE,
            subject=link_subject(link.id),
            kind=CALLER_LINK,
            priority=Priority.P1,
            version=1,
            at=link.made_at,
            agency=call.agency,
            area=call.area,
            data={
                "number": call.number,
                "to": call.caller,
                "text": self.said(code),
                "worth_until": iso_time(link.expires_at),
            },
        )
