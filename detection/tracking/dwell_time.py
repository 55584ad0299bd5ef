"""How long one stays: time in a place, which a short absence does not end.

Pure: the stay so far, whether the look saw it here, and the watched seconds since the last look go
in; the stay after it comes out. A stay begins at 0 with the first look that sees it here.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class DwellTime:
    """Watched seconds since it came, and how many of the last it was not seen here."""

    here_s: float = 0.0
    away_s: float = 0.0


def after_look(
    stay: DwellTime | None, *, is_here: bool, watched_s: float, forgives_s: float
) -> DwellTime | None:
    """The stay after one more look; None when it has not come, or has left."""
    if stay is None:
        return DwellTime() if is_here else None
    if is_here:
        return DwellTime(here_s=stay.here_s + stay.away_s + watched_s)
    away_s = stay.away_s + watched_s
    return replace(stay, away_s=away_s) if away_s <= forgives_s else None
