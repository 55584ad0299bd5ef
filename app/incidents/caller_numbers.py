"""Masking of callers' numbers: only officers and leaders on duty read them."""

from thapcanh.alerts.calls.incoming_calls import masked_number
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.access.permissions import SEES_NUMBERS


def reads_numbers(caller: CurrentUser) -> bool:
    return bool(caller.roles & SEES_NUMBERS)


def visible_number(number: str | None, caller: CurrentUser) -> str | None:
    """Return a number, masked unless the user may read it."""
    return number if reads_numbers(caller) else masked_number(number)
