"""Interface of senders, and what they know of the site."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from thapcanh.alerts.delivery import cloud_events
from thapcanh.alerts.delivery.attempt import Attempt
from thapcanh.alerts.delivery.mail_picture import PictureMaker
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.store.outbox.outgoing import OutgoingEvent
from thapcanh.ingest.address_guard import AS_WRITTEN, AddressGuard

MessageForm = Literal["full", "sms", "sms_unmarked"]
"""Whole sentences; one SMS in Vietnamese (70 letters); one SMS without marks (160 letters)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonMessage:
    """Title in one line (empty in a short message), and text."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteVoice:
    """Sender's identity, and the wording of events."""

    site_name: str
    message: Callable[[OutgoingEvent, str, MessageForm], PersonMessage]
    """Of an event, by the site of this name, in this form."""
    guard: AddressGuard = AS_WRITTEN
    """Where a target may stand."""
    picture: PictureMaker | None = None
    """Makes the pictures of mails; None where none can be made."""

    @property
    def source(self) -> str:
        return cloud_events.source_of(self.site_name)

    def said(self, event: OutgoingEvent, form: MessageForm) -> PersonMessage:
        """Return the message about an event for people."""
        return self.message(event, self.site_name, form)


class Sender(Protocol):
    """Protocol of one target; never retries. Owned by the target's task."""

    is_serial: bool
    """True if it sends one at a time: what waits for its turn has no deadline running."""

    async def send(self, due: DueDelivery) -> Attempt:
        """Try once, within the caller's deadline."""
        ...

    async def close(self) -> None:
        """Close every connection; idempotent."""
        ...
