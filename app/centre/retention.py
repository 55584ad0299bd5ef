"""The one place where the centre deletes by the clock: features register their rules here.

What a machine that watches keeps on its own disk (recordings, sightings, its spool) its worker
deletes: a centre cannot reach it. Folders of exports live as long as their process remembers them.
"""

from collections.abc import Callable, Iterable

from app.centre.periodic_tasks import PeriodicRunner, PeriodicTask
from app.process.retention_rule import RetentionRule


def retention_runners(
    rules: Iterable[RetentionRule], leads: Callable[[], bool]
) -> list[PeriodicRunner]:
    """The threads, not started: one for rows, one for each rule that may hang."""
    known = list(rules)
    names = [rule.name for rule in known]
    if len(set(names)) < len(names):
        raise ValueError(f"two rules of one name: {sorted(names)}")
    rows = [_task(rule, leads) for rule in known if not rule.may_hang]
    hanging = [
        PeriodicRunner([_task(rule, leads)], f"retention-{rule.name}")
        for rule in known
        if rule.may_hang
    ]
    return [PeriodicRunner(rows, "retention"), *hanging]


def _task(rule: RetentionRule, leads: Callable[[], bool]) -> PeriodicTask:
    def run() -> None:
        if rule.everywhere or leads():
            rule.run()

    return PeriodicTask(name=f"retention of {rule.name}", every_s=rule.every_s, run=run)
