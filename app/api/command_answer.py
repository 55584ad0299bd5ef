"""What makes a command safe to send twice, and what the archive's verdict on it means in HTTP."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated

from fastapi import Header

from alerts.archive import AlertCommand, CommandResult
from alerts.life import Outcome, Why
from app.api.forms import ShownAlert, iso
from app.api.people import People
from app.api.refusal import Invalid, Refused
from app.api.showing import shown_alert

_KEY = re.compile(r"^[\x21-\x7e]{1,128}$")
_VERSION = re.compile(r'^(?:W/)?"?([0-9]{1,9})"?$')
_FIELDS = {  # what is wrong with what was said, not with the alert
    Why.REASON_MISSING: "body.reason",
    Why.REASON_UNKNOWN: "body.reason",
    Why.NOTE_MISSING: "body.note",
    Why.TO_MISSING: "body.to",
    Why.PERSON_UNKNOWN: "body.to",
}
_LOCAL = timezone(timedelta(hours=7))  # Asia/Ho_Chi_Minh has no summer time


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandHeaders:
    """The command's key, and the version of the alert that the officer saw."""

    key: str
    version: int


def command_headers(
    idempotency_key: Annotated[str | None, Header()] = None,
    if_match: Annotated[str | None, Header()] = None,
) -> CommandHeaders:
    """Read both headers; each is required."""
    if if_match is None:
        raise Refused(428, "version_required")
    key = given_key(idempotency_key)
    version = _VERSION.match(if_match)
    if version is None:
        raise Invalid("header.If-Match", "int_parsing")
    return CommandHeaders(key=key, version=int(version[1]))


def given_key(idempotency_key: Annotated[str | None, Header()] = None) -> str:
    """The key that makes a command safe to send twice; it is required."""
    if idempotency_key is None:
        raise Refused(400, "key_required")
    if not _KEY.match(idempotency_key):
        raise Invalid("header.Idempotency-Key", "string_pattern_mismatch")
    return idempotency_key


def answered(result: CommandResult, order: AlertCommand, people: People) -> ShownAlert:
    """Return the alert after a command that is done, or raise what stands against it."""
    match result.outcome:
        case Outcome.NOT_FOUND:
            raise Refused(404, "alert_not_found")
        case Outcome.FORBIDDEN:
            raise Refused(403, "not_allowed")
        case Outcome.INVALID if result.why in _FIELDS:
            raise Refused(422, result.why.value, extra={"field": _FIELDS[result.why]})
        case Outcome.STALE:
            raise _against(412, result, people)
        case Outcome.CONFLICT | Outcome.INVALID:
            raise _against(409, result, people)
        case Outcome.ALREADY if result.by != order.actor.username:
            raise _against(409, result, people)
        case Outcome.ALREADY | Outcome.DONE:
            if result.alert is None:
                raise Refused(404, "alert_not_found")
            return shown_alert(result.alert, people)


def _against(status: int, result: CommandResult, people: People) -> Refused:
    """A conflict says who did what, when, and how the alert is now."""
    alert = None if result.alert is None else shown_alert(result.alert, people)
    by = people.person(result.by)
    extra = {
        "by": None if by is None else by.model_dump(),
        "at": None if result.at is None else iso(result.at),
        "alert": None if alert is None else alert.model_dump(mode="json"),
    }
    return Refused(
        status, result.why.value, extra=extra,
        by=result.by_name or result.by or "?",
        at="?" if result.at is None else local_time(result.at),
    )  # fmt: skip


def local_time(at: float) -> str:
    """A moment as officers read it."""
    return datetime.fromtimestamp(at, UTC).astimezone(_LOCAL).strftime("%H:%M:%S %d/%m/%Y")
