"""Pictures in mails: which mails have one, and how long they wait for it."""

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
    """Maker of a picture without recognisable people."""

    async def __call__(self, due: DueDelivery, within_s: float) -> bytes | None:
        """Return a JPEG, or None if there is none within `within_s` after the delivery was made."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPicture:
    """Picture of a mail, if any, and the sentence about it."""

    words: str = ""
    jpeg: bytes | None = None

    def facts(self, text: str) -> dict[str, Any]:
        """Return the text with the sentence, and the picture in base64."""
        stated = "\n".join(one for one in (text, self.words) if one)
        shown = None if self.jpeg is None else base64.b64encode(self.jpeg).decode()
        return {"text": stated, "picture": shown}

    def may_be_why(self, made: Attempt) -> bool:
        """Return whether the picture may be why the mail was refused."""
        is_large = made.outcome is AttemptOutcome.REFUSED or made.status == TOO_LARGE
        return self.jpeg is not None and is_large


NO_WORDS = MailPicture()
WITHOUT = MailPicture(words=NOT_SHOWN)


async def picture_of(
    due: DueDelivery, make: PictureMaker | None, within_s: float | None
) -> MailPicture:
    """Return the picture for this mail; wait as long as its target allows."""
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
    """Return whether the event requests attention for an alert."""
    return event.subject.startswith(f"{ALERT}/") and event.type.split(".")[-2] in _CHANGES
