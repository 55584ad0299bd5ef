"""What is wrong with the other centres: one that is missing, one whose clock is off. Pure."""

from collections.abc import Sequence

from alerts.queue.system_events import SystemKind
from alerts.store.coordination.expected_centres import SKEW_S, ExpectedCentre
from app.health.centre_health_checks import CLOCK_SKEW
from app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict

CENTRE_LOST = HealthProblem(
    rule_id="centre_lost", kind=SystemKind.CENTRE_LOST, raise_after_s=10.0, clear_after_s=5.0
)  # an archive that was away finds all silent, until each has spoken again


def centre_signs(expected: Sequence[ExpectedCentre], me: str) -> list[HealthCheck]:
    """Of every centre but the one that asks, whose clock is compared with the queue's."""
    others = [one for one in expected if one.name != me]
    return [*(_lost(one) for one in others), *(_clock(one) for one in others)]


def unsure(signs: Sequence[HealthCheck]) -> list[HealthCheck]:
    """The same signs while the archive does not answer: what was so stays so."""
    return [
        HealthCheck(trouble=one.trouble, subject=one.subject, verdict=HealthVerdict.UNSURE)
        for one in signs
    ]


def _lost(one: ExpectedCentre) -> HealthCheck:
    return HealthCheck(
        trouble=CENTRE_LOST,
        subject=one.name,
        verdict=HealthVerdict.FAULT if one.is_missing else HealthVerdict.FINE,
        reason="no sign of life of this centre" if one.is_missing else "it lives again",
    )


def _clock(one: ExpectedCentre) -> HealthCheck:
    off_s = abs(one.ahead_s) - one.within_s
    side = "ahead of" if one.ahead_s > 0 else "behind"
    verdict, reason = HealthVerdict.FINE, "the clock is right"
    if one.clock_is_off:
        verdict = HealthVerdict.FAULT
        reason = f"the clock is {abs(one.ahead_s):.0f} s {side} the archive's"
    elif one.is_missing or off_s >= SKEW_S / 2 or one.within_s >= SKEW_S:
        verdict = HealthVerdict.UNSURE
    return HealthCheck(trouble=CLOCK_SKEW, subject=one.name, verdict=verdict, reason=reason)
