"""Roles: who may do what to an alert, and scopes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Roles of design §13."""

    VIEWER = "viewer"  # looks, does nothing
    OPERATOR = "operator"  # the duty officer: takes alerts and gives verdicts
    LEADER = "leader"  # leads the shift: co-signs, reopens, overrides
    TECHNICIAN = "technician"  # cameras and their health
    AGENCY = "agency"  # another agency: its own cameras and alerts
    ADMIN = "admin"  # accounts and settings
    AUDITOR = "auditor"  # reads every log
    CREW = "crew"  # the phone of one unit: what that unit was sent to, and nothing else


class AlertAction(StrEnum):
    """Command on an alert."""

    ACKNOWLEDGE = "acknowledge"  # I have it: a lease, not a verdict
    CONFIRM = "confirm"  # it is real
    REJECT = "reject"  # it is not, for a reason of the list
    CLOSE = "close"  # the matter is finished
    REOPEN = "reopen"  # it is not finished after all
    CLAIM = "claim"  # I take over what another holds
    HAND_OVER = "hand_over"  # another takes over what I hold
    NOTE = "note"  # words beside it; nothing moves
    RECEIPT = "receipt"  # another agency has read it; nothing moves


_LEAD = frozenset(AlertAction) - {AlertAction.RECEIPT}
_HANDLE = _LEAD - {AlertAction.REOPEN}
_RIGHTS: Mapping[Role, frozenset[AlertAction]] = {
    Role.OPERATOR: _HANDLE,
    Role.LEADER: _LEAD,
    Role.AGENCY: frozenset({AlertAction.NOTE, AlertAction.RECEIPT}),  # of what it sees: its own
}


def may(role: Role, action: AlertAction, *, system: bool = False) -> bool:
    """Return whether the role has the right to the action.

    `system` is an alert of the system's own troubles, which a technician answers too.
    """
    if system and role is Role.TECHNICIAN:
        return action in _LEAD
    return action in _RIGHTS.get(role, frozenset())


def leads(role: Role) -> bool:
    """Return whether the role may co-sign and act on others' alerts."""
    return role is Role.LEADER


_MAY_AS_WELL: Mapping[Role, frozenset[Role]] = {
    Role.LEADER: frozenset({Role.OPERATOR, Role.VIEWER}),
    Role.OPERATOR: frozenset({Role.VIEWER}),
    Role.TECHNICIAN: frozenset({Role.VIEWER}),
    Role.ADMIN: frozenset({Role.VIEWER}),
    Role.AUDITOR: frozenset({Role.VIEWER}),
    Role.AGENCY: frozenset({Role.VIEWER}),
}


def roles_within(requested: frozenset[Role], held: frozenset[Role]) -> frozenset[Role]:
    """Return the requested roles whose rights the held roles cover, for a program."""
    able = held.union(*(_MAY_AS_WELL.get(role, frozenset()) for role in held))
    return requested & able


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFilter:
    """Scope of cameras and alerts by agencies and areas; None is all."""

    agencies: frozenset[str] | None = None
    areas: frozenset[str] | None = None

    def sees(self, agency: str | None, area: str | None) -> bool:
        """Return whether an owner is in scope; no owner is only in the full scope."""
        agency_in_scope = self.agencies is None or agency in self.agencies
        return agency_in_scope and (self.areas is None or area in self.areas)

    def narrowed(self, other: "DataFilter") -> "DataFilter":
        return DataFilter(
            agencies=_both(self.agencies, other.agencies), areas=_both(self.areas, other.areas)
        )

    def meets(self, other: "DataFilter") -> bool:
        """Return whether the scopes may overlap."""
        both = self.narrowed(other)
        return frozenset() not in (both.agencies, both.areas)

    def covers(self, other: "DataFilter") -> bool:
        """Return whether the other scope is contained.

        An empty scope is contained in every one.
        """
        return _covers(self.agencies, other.agencies) and _covers(self.areas, other.areas)


def same_agency(matching: frozenset[str] | None, remote: frozenset[str] | None) -> bool:
    """Return whether both are limited to agencies and share one, and thus its quotas."""
    return matching is not None and remote is not None and not matching.isdisjoint(remote)


def _both(matching: frozenset[str] | None, remote: frozenset[str] | None) -> frozenset[str] | None:
    if matching is None or remote is None:
        return remote if matching is None else matching
    return matching & remote


def _covers(matching: frozenset[str] | None, remote: frozenset[str] | None) -> bool:
    return matching is None or bool(remote and remote <= matching)


EVERYTHING = DataFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Actor of a command, for decision and log."""

    username: str
    name: str
    role: Role
    scope: DataFilter = EVERYTHING


SYSTEM = "system"  # the actor's name in the log when nobody but time did it
CONSOLE = "console:"  # before the name of who sits there
MACHINE = f"{CONSOLE}machine:"  # before the same, of a token that is to outlive every account
