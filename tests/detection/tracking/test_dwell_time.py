"""Stays: seconds that count, absences that are forgiven, and ends."""

import pytest

from thapcanh.detection.rules.dwell import DwellTime, after_inference


@pytest.mark.parametrize(
    ("stay", "is_here", "watched_s", "after"),
    [
        (None, False, 1.0, None),
        (None, True, 1.0, DwellTime()),
        (DwellTime(here_s=3.0), True, 0.5, DwellTime(here_s=3.5)),
        (DwellTime(here_s=3.0), True, 0.0, DwellTime(here_s=3.0)),
        (DwellTime(here_s=3.0), False, 2.0, DwellTime(here_s=3.0, away_s=2.0)),
        (DwellTime(here_s=3.0, away_s=2.0), True, 1.0, DwellTime(here_s=6.0)),
        (DwellTime(here_s=3.0, away_s=4.0), False, 1.0, DwellTime(here_s=3.0, away_s=5.0)),
        (DwellTime(here_s=3.0, away_s=4.5), False, 1.0, None),
    ],
)
def test_table(
    stay: DwellTime | None, is_here: bool, watched_s: float, after: DwellTime | None
) -> None:
    assert after_inference(stay, is_here=is_here, watched_s=watched_s, forgives_s=5.0) == after
