"""Plots of a score as SVG: delay of fire alerts, precision by belief.

Pure. Nothing is drawn without data.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from thapcanh.tools.evaluation.score import BURNING, ClipOutcome, ClipScore, RaisedEvent, Score

Point = tuple[float, float]
_WIDTH, _HEIGHT = 480, 260
_LEFT, _RIGHT, _TOP, _FOOT = 46, 12, 30, 40
_BLUE, _ORANGE, _GRID = "#56b4e9", "#d55e00", "#333"  # apart to all eyes


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line of a plot: points by rising x; y is a share, 0..1."""

    name: str
    colour: str
    points: tuple[Point, ...]


def plots(result: Score) -> str:
    """Return both plots of one truth table."""
    delay = delay_curves(result.files)
    sure = precision_curves(result.files)
    parts = []
    if any(curve.points for curve in delay):
        parts.append(_plot("Told within … s of the onset, of all that burn", "s", delay))
    if any(curve.points for curve in sure):
        parts.append(_plot("Counting alerts of at least this belief", "belief", sure))
    return "".join(parts) or "<p>none</p>"


def delay_curves(rows: Sequence[ClipScore]) -> tuple[Curve, Curve]:
    """Return the share of burning clips alerted within so many seconds; at all, and as P1."""
    burning = [row for row in rows if _is_burning(row)]
    return (
        _delays_within("any priority", _BLUE, [row.delay_s for row in burning]),
        _delays_within("as P1", _ORANGE, [row.p1_delay_s for row in burning]),
    )


def precision_curves(rows: Sequence[ClipScore]) -> tuple[Curve, Curve]:
    """Return precision and recall by clips, counting only alerts of at least a belief.

    A clip counts by its highest belief: true if detected, false if nothing burns or it was raised
    before the onset. An alert without belief is measured, and counts as 1.
    """
    right = [_surest(row) for row in rows if row.outcome is ClipOutcome.DETECTED]
    wrong = [
        _surest(row) for row in rows if row.outcome in {ClipOutcome.FALSE_ALERT, ClipOutcome.EARLY}
    ]
    burning = sum(_is_burning(row) for row in rows)
    precision, recall = [], []
    for least in sorted({*right, *wrong}):
        hits = sum(item >= least for item in right)
        alerts = hits + sum(item >= least for item in wrong)
        precision.append((least, hits / alerts))
        if burning:
            recall.append((least, hits / burning))
    return (
        Curve(name="precision", colour=_BLUE, points=tuple(precision)),
        Curve(name="recall", colour=_ORANGE, points=tuple(recall)),
    )


def _is_burning(row: ClipScore) -> bool:
    return row.kind in BURNING and row.outcome is not ClipOutcome.UNREADABLE


def _surest(row: ClipScore) -> float:
    return max((_belief(event) for event in row.raised), default=0.0)


def _belief(event: RaisedEvent) -> float:
    return 1.0 if event.belief is None else event.belief


def _delays_within(name: str, colour: str, delays_s: Sequence[float | None]) -> Curve:
    sorted_delays = sorted(max(0.0, delay) for delay in delays_s if delay is not None)
    points = [(at, (number + 1) / len(delays_s)) for number, at in enumerate(sorted_delays)]
    return Curve(name=name, colour=colour, points=tuple(points))


def _plot(title: str, unit: str, curves: Sequence[Curve]) -> str:
    most = max(x for curve in curves for x, _ in curve.points) or 1.0
    lines = [_grid(most, unit)]
    for number, curve in enumerate(curves):
        at = " ".join(f"{_x(x, most):.1f},{_y(y):.1f}" for x, y in curve.points)
        lines.append(
            f'<polyline points="{at}" fill="none" stroke="{curve.colour}" stroke-width="2"/>'
        )
        lines += [
            f'<circle cx="{_x(x, most):.1f}" cy="{_y(y):.1f}" r="2.5" fill="{curve.colour}"/>'
            for x, y in curve.points
        ]
        lines.append(
            f'<text x="{_LEFT + 130 * number}" y="20" fill="{curve.colour}">'
            f"{html.escape(curve.name)}</text>"
        )
    return (
        f'<figure><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" font-size="12" role="img">'
        f"<title>{html.escape(title)}</title>{''.join(lines)}</svg>"
        f"<figcaption>{html.escape(title)}</figcaption></figure>"
    )


def _grid(most: float, unit: str) -> str:
    lines = []
    for quarter in range(5):
        share = quarter / 4
        lines.append(
            f'<path d="M{_LEFT},{_y(share):.1f}H{_WIDTH - _RIGHT}" stroke="{_GRID}"/>'
            f'<text x="4" y="{_y(share) + 4:.1f}" fill="#999">{share:.2f}</text>'
            f'<text x="{_x(share * most, most):.1f}" y="{_HEIGHT - 20}" fill="#999" '
            f'text-anchor="{"end" if quarter == 4 else "middle"}">'
            f"{share * most:.2g}</text>"
        )
    lines.append(
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 4}" fill="#999" '
        f'text-anchor="end">{html.escape(unit)}</text>'
    )
    return "".join(lines)


def _x(value: float, most: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * value / most


def _y(share: float) -> float:
    return _HEIGHT - _FOOT - (_HEIGHT - _FOOT - _TOP) * share
