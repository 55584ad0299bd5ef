"""Whose place a viewer takes: what the bounds of live view count by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerOwner:
    """A session, and the agencies that it is limited to; None: the whole site."""

    session: str
    agencies: frozenset[str] | None = None
