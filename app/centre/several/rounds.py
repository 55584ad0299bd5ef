"""What the centre does by the clock, on which thread, and what only the leading centre does.

Of several centres on one archive each reads its configuration, and tells of its own phones and of
the cameras that it turns; all else is done once, by the one that leads.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.centre.long_lived_memory import LongLivedMemory
from app.centre.periodic_tasks import PeriodicRunner, PeriodicTask
from app.evidence.log_heads import SEND_EVERY_S

RELOAD_EVERY_S = 1.0
MEMORY_EVERY_S = 30.0
LEASES_EVERY_S = 1.0  # a lease that ran out sounds again within this
PHONES_EVERY_S = 1.0
TURNED_EVERY_S = 1.0
CALLS_EVERY_S = 1.0
CLEAR_VIEWS_EVERY_S = 5.0
COVERAGE_EVERY_S = 5.0  # as finely as a camera's outage is told
WEATHER_EVERY_S = 5.0
AREAS_EVERY_S = 10.0
OWNERS_EVERY_S = 2.0  # film of the seconds between is the former owner's
HABITS_EVERY_S = 10.0
DRILLS_EVERY_S = 1.0
WATCH_EVERY_S = 2.0  # a lost worker is known within 10 s

Round = Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreRounds:
    """One call of each."""

    reload: Round
    phones: Round
    turned: Round
    calls: Round
    clear_views: Round
    leases: Round
    habits: Round
    weather: Round
    areas: Round
    owners: Round
    coverage: Round
    log_heads: Round
    watch: Round
    drills: Round


def runners(rounds: CentreRounds, leads: Callable[[], bool]) -> list[PeriodicRunner]:
    """The threads, not started. A queue, store or disk that hangs holds up no lease."""

    def once(name: str, every_s: float, run: Round) -> PeriodicTask:
        return PeriodicTask(name=name, every_s=every_s, run=lambda: run() if leads() else None)

    housekeeping = (
        PeriodicTask(name="configuration", every_s=RELOAD_EVERY_S, run=rounds.reload),
        PeriodicTask(name="memory", every_s=MEMORY_EVERY_S, run=LongLivedMemory().round),
        once("leases", LEASES_EVERY_S, rounds.leases),
        once("weather", WEATHER_EVERY_S, rounds.weather),
        once("log heads", SEND_EVERY_S, rounds.log_heads),
    )
    of_queue = (
        PeriodicTask(name="phones", every_s=PHONES_EVERY_S, run=rounds.phones),
        PeriodicTask(name="turned", every_s=TURNED_EVERY_S, run=rounds.turned),
        once("calls", CALLS_EVERY_S, rounds.calls),
        once("clear views", CLEAR_VIEWS_EVERY_S, rounds.clear_views),
        once("habits", HABITS_EVERY_S, rounds.habits),
        once("coverage", COVERAGE_EVERY_S, rounds.coverage),
    )
    of_registry = (
        once("watch areas", AREAS_EVERY_S, rounds.areas),
        once("owners of cameras", OWNERS_EVERY_S, rounds.owners),
    )
    return [
        PeriodicRunner(housekeeping),
        PeriodicRunner(of_queue, "queue-rounds"),
        PeriodicRunner(of_registry, "watch-areas"),
        PeriodicRunner((once("system watch", WATCH_EVERY_S, rounds.watch),), "system-watch"),
        PeriodicRunner((once("drills", DRILLS_EVERY_S, rounds.drills),), "drills"),
    ]
