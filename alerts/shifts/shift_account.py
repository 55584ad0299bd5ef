"""Account of one officer's shift, counted from the action log."""

from collections.abc import Iterable
from dataclasses import dataclass

from thapcanh.alerts.alert.alert_state import TransitionReason
from thapcanh.alerts.store.roles import AlertAction


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftAccount:
    """Numbers of alerts an officer acknowledged, claimed, judged and handed over in one shift."""

    inherited: int  # raised before the shift, in this officer's hands during it
    answered: int  # taken while nobody held them
    taken_over: int  # out of another's hands, claimed or given
    confirmed: int
    rejected: int
    proposed: int  # rejections that wait for a leader, or did
    closed: int
    handed_on: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftDeed:
    """Log line as it concerns the officer."""

    alert_id: str
    action: str
    actor: str
    why: str
    held_by: str | None
    holder: str | None
    raised_at: float


def account(deeds: Iterable[ShiftDeed], me: str, taken_at: float) -> ShiftAccount:
    """Count an officer's actions in the shift that started at `taken_at`."""
    deeds = [deed for deed in deeds if _concerns(deed, me)]
    gained = [deed for deed in deeds if _is_gained(deed, me)]
    own = [deed for deed in deeds if deed.actor == me]
    return ShiftAccount(
        inherited=_count(deed for deed in gained if deed.raised_at < taken_at),
        answered=_count(deed for deed in own if deed.action == AlertAction.ACKNOWLEDGE),
        taken_over=_count(deed for deed in gained if deed.action != AlertAction.ACKNOWLEDGE),
        confirmed=_count(deed for deed in own if deed.action == AlertAction.CONFIRM),
        rejected=_count(
            deed
            for deed in own
            if deed.action == AlertAction.REJECT and deed.why != TransitionReason.AWAITS_COSIGN
        ),
        proposed=_count(deed for deed in own if deed.why == TransitionReason.AWAITS_COSIGN),
        closed=_count(deed for deed in own if deed.action == AlertAction.CLOSE),
        handed_on=_count(
            deed
            for deed in deeds
            if deed.action == AlertAction.HAND_OVER and deed.held_by == me and deed.holder != me
        ),
    )


def _concerns(deed: ShiftDeed, me: str) -> bool:
    return me in (deed.actor, deed.held_by, deed.holder)


def _is_gained(deed: ShiftDeed, me: str) -> bool:
    """Return whether the line gave the alert to this officer."""
    if deed.action in (AlertAction.ACKNOWLEDGE, AlertAction.CLAIM):
        return deed.actor == me
    return deed.action == AlertAction.HAND_OVER and deed.holder == me and deed.held_by != me


def _count(deeds: Iterable[ShiftDeed]) -> int:
    return len({deed.alert_id for deed in deeds})
