"""The picture of a mail: which mails have one, how long they wait for it, what is said of it.

A mail waits only so long after its event as its target says, and is tried with a picture once: what
a receiver does not take so is sent again without.
"""

import base64
from dataclasses import dataclass
from typing import Any, Protocol

from thapcanh.alerts.delivery.attempt import TOO_LARGE, Attempt, AttemptOutcome
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.store.outbox.outgoing import ALERT, UNANSWERED, OutgoingEvent

SHOWN = "Ảnh kèm theo: máy đã làm mờ người và biển số, có thể bỏ sót; không chuyển cho người khác."
NOT_SHOWN = "Không kèm ảnh: chưa có ảnh đã làm mờ lúc gửi; xem trên màn hình."
_CHANGES = frozenset({"opened", "reopened", UNANSWERED})


class PictureMaker(Protocol):
    """Makes a picture in which nobody is recognised."""

    async def __call__(self, due: DueDelivery, within_s: float) -> bytes | None:
        """A JPEG; None where there is none so many seconds after the delivery was made."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPicture:
    """What a mail is sent with: its picture, if it has one, and the sentence about it."""

    words: str = ""
    jpeg: bytes | None = None

    def facts(self, text: str) -> dict[str, Any]:
        """The text with the sentence, and the picture in letters."""
        said = "\n".join(one for one in (text, self.words) if one)
        shown = None if self.jpeg is None else base64.b64encode(self.jpeg).decode()
        return {"text": said, "picture": shown}

    def may_be_why(self, made: Attempt) -> bool:
        """Whether the mail may be taken without its picture, as it was not with it."""
        is_large = made.outcome is AttemptOutcome.REFUSED or made.status == TOO_LARGE
        return self.jpeg is not None and is_large


NO_WORDS = MailPicture()
WITHOUT = MailPicture(words=NOT_SHOWN)


async def picture_of(
    due: DueDelivery, make: PictureMaker | None, within_s: float | None
) -> MailPicture:
    """What this mail is sent with. Waits at most as long as its target says."""
    if within_s is None or not _is_pictured(due.event):
        return NO_WORDS
    jpeg = None if make is None or due.attempts else await make(due, within_s)
    return WITHOUT if jpeg is None else MailPicture(words=SHOWN, jpeg=jpeg)


def check_wait(within_s: float | None, timeout_s: float, *, is_mail: bool) -> None:
    """Raise ValueError where no mail waits so, or too little time is left to send it."""
    if within_s is not None and not is_mail:
        raise ValueError("picture_within_s is for mails alone")
    if within_s is not None and within_s > timeout_s / 2:
        raise ValueError("picture_within_s is at most half of timeout_s")


def _is_pictured(event: OutgoingEvent) -> bool:
    """What asks somebody to look, of an alert."""
    return event.subject.startswith(f"{ALERT}/") and event.type.split(".")[-2] in _CHANGES
