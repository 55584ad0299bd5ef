"""Who reads callers' numbers: officers and leaders on duty; to all others they are masked."""

from thapcanh.alerts.calls.incoming_calls import masked_number
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.access.permissions import SEES_NUMBERS


def reads_numbers(caller: CurrentUser) -> bool:
    """Whether somebody may read callers' numbers."""
    return bool(caller.roles & SEES_NUMBERS)


def visible_number(number: str | None, caller: CurrentUser) -> str | None:
    """A caller's number as somebody may see it."""
    return number if reads_numbers(caller) else masked_number(number)
