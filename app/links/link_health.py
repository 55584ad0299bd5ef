"""Health checks of links: a lost line, pictures beyond the bound an hour, a flood. Pure."""

from collections.abc import Iterator, Sequence

from thapcanh.alerts.links.link_records import LOST_AFTER_S, Link, PeerRole
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.config.rules import Priority

LOWER_LOST = HealthProblem(rule_id="link_lower_lost", kind=SystemKind.LINK_LOST, clear_after_s=5.0)
UPPER_LOST = HealthProblem(rule_id="link_upper_lost", kind=SystemKind.LINK_LOST, clear_after_s=5.0)
PICTURES_HELD = HealthProblem(
    rule_id="link_pictures", kind=SystemKind.LINK_LIMITED, priority=Priority.P3
)
ITEMS_WAIT = HealthProblem(
    rule_id="link_items", kind=SystemKind.LINK_LIMITED, priority=Priority.P3, raise_after_s=60.0
)
MANY_WAIT = 200
_GRACE_S = LOST_AFTER_S + 3.0  # after the start, until a lower site has called again


def link_findings(
    links: Sequence[Link], now: float, up_s: float, error: str | None = None
) -> list[HealthCheck]:
    """Return the findings on live links; `up_s` is how long this centre has run."""
    return [
        finding for link in links if link.ended_at is None
        for finding in _of(link, now, up_s, error)
    ]  # fmt: skip


def _of(link: Link, now: float, up_s: float, error: str | None) -> Iterator[HealthCheck]:
    is_up = link.is_up(now)
    is_lower = link.peer is PeerRole.LOWER
    verdict = HealthVerdict.FINE if is_up else HealthVerdict.FAULT
    if not is_up and up_s < _GRACE_S:
        verdict = HealthVerdict.UNSURE
    lost = "what it sees is not known here" if is_lower else error or "no answer"
    yield HealthCheck(
        trouble=LOWER_LOST if is_lower else UPPER_LOST,
        subject=link.name,
        verdict=verdict,
        reason=f"the line to {link.name} is up" if is_up else f"no line to {link.name}: {lost}",
    )
    held = link.held_pictures
    yield _limit(
        PICTURES_HELD, link, f"{held} pictures wait: the bound an hour is reached", is_at=held > 0
    )
    yield _limit(
        ITEMS_WAIT, link, f"{link.waiting} items wait for {link.name}",
        is_at=is_up and link.waiting > MANY_WAIT,
    )  # fmt: skip


def _limit(problem: HealthProblem, link: Link, words: str, *, is_at: bool) -> HealthCheck:
    verdict = HealthVerdict.FAULT if is_at else HealthVerdict.FINE
    return HealthCheck(
        trouble=problem, subject=link.name, verdict=verdict, reason=words if is_at else "room again"
    )
