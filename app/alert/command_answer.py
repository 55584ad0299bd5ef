"""Idempotency keys of commands, and the HTTP errors for refused ones."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Header

from thapcanh.alerts.alert.alert_state import CommandOutcome, TransitionReason
from thapcanh.alerts.alert.records import CommandRequest, CommandResult
from thapcanh.app.alert.alert_schemas import AlertResponse, alert_response
from thapcanh.app.web_api.errors import ApiError, InvalidInput
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.schemas import iso
from thapcanh.config.local_time import LOCAL_TZ

KEY = r"^[\x21-\x7e]{1,128}$"
_KEY = re.compile(KEY)
_VERSION = re.compile(r'^(?:W/)?"?([0-9]{1,9})"?$')
_FIELDS = {  # what is wrong with what was said, not with the alert
    TransitionReason.REASON_MISSING: "body.reason",
    TransitionReason.REASON_UNKNOWN: "body.reason",
    TransitionReason.NOTE_MISSING: "body.note",
    TransitionReason.TO_MISSING: "body.to",
    TransitionReason.PERSON_UNKNOWN: "body.to",
}


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
        raise ApiError(428, "version_required")
    key = required_key(idempotency_key)
    version = _VERSION.match(if_match)
    if version is None:
        raise InvalidInput("header.If-Match", "int_parsing")
    return CommandHeaders(key=key, version=int(version[1]))


def required_key(idempotency_key: Annotated[str | None, Header()] = None) -> str:
    """Return the required idempotency key of a command; raise `ApiError` without one."""
    if idempotency_key is None:
        raise ApiError(400, "key_required")
    if not _KEY.match(idempotency_key):
        raise InvalidInput("header.Idempotency-Key", "string_pattern_mismatch")
    return idempotency_key


def answered(result: CommandResult, order: CommandRequest, people: People) -> AlertResponse:
    """Return the alert after a command that is done, or raise what stands against it."""
    match result.outcome:
        case CommandOutcome.NOT_FOUND:
            raise ApiError(404, "alert_not_found")
        case CommandOutcome.FORBIDDEN:
            raise ApiError(403, "not_allowed")
        case CommandOutcome.INVALID if result.why in _FIELDS:
            raise ApiError(422, result.why.value, extra={"field": _FIELDS[result.why]})
        case CommandOutcome.STALE:
            raise _against(412, result, people)
        case CommandOutcome.CONFLICT | CommandOutcome.INVALID:
            raise _against(409, result, people)
        case CommandOutcome.ALREADY if result.by != order.actor.username:
            raise _against(409, result, people)
        case CommandOutcome.ALREADY | CommandOutcome.DONE:
            if result.alert is None:
                raise ApiError(404, "alert_not_found")
            return alert_response(result.alert, people)


def _against(status: int, result: CommandResult, people: People) -> ApiError:
    """Return a conflict error that says who changed the alert, when, and its current state."""
    alert = None if result.alert is None else alert_response(result.alert, people)
    by = people.person(result.by)
    extra = {
        "by": None if by is None else by.model_dump(),
        "at": None if result.at is None else iso(result.at),
        "alert": None if alert is None else alert.model_dump(mode="json"),
    }
    return ApiError(
        status, result.why.value, extra=extra,
        by=result.by_name or result.by or "?",
        at="?" if result.at is None else local_time(result.at),
    )  # fmt: skip


def local_time(at: float) -> str:
    """Return a timestamp as officers read it."""
    return datetime.fromtimestamp(at, UTC).astimezone(LOCAL_TZ).strftime("%H:%M:%S %d/%m/%Y")
