"""How long a camera waits before it is opened again. Pure.

Failures in a row wait longer each time, up to a limit; a try that itself took long is followed by a
shorter wait. What trying does not help (a wrong password) is tried rarely.
"""

from dataclasses import dataclass

from ingest.backoff import Backoff, spread


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectSettings:
    """Seconds between tries."""

    backoff_first_s: float = 0.5
    backoff_max_s: float = 6.0
    """With opening and the first keyframe, a camera is back within 10 s of the fault's end."""
    attempt_max_s: float = 8.5
    """A try that itself took long (a timeout) is followed by a shorter wait, to keep the 10 s."""
    hopeless_s: float = 60.0
    """Between tries when trying does not help: cameras lock out who guesses passwords."""


def reconnect_delay_s(
    failures: int, attempt_took_s: float, jitter: float, rules: ReconnectSettings
) -> float:
    """Seconds to wait after the `failures`th failure in a row: growing, jittered, capped."""
    backoff = Backoff(first_s=rules.backoff_first_s, longest_s=rules.backoff_max_s)
    within = max(rules.backoff_first_s, rules.attempt_max_s - attempt_took_s)
    return spread(min(backoff.grown_s(failures), within), jitter)


def hopeless_delay_s(jitter: float, rules: ReconnectSettings) -> float:
    """Seconds to wait after a failure that trying again does not mend."""
    return spread(rules.hopeless_s, jitter)
