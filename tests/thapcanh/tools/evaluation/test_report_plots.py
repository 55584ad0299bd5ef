"""The curves of a report, point by point."""

import re
from dataclasses import replace

from thapcanh.tools.evaluation.report_plots import delay_curves, plots, precision_curves
from thapcanh.tools.evaluation.score import ClipOutcome, ClipScore, RaisedEvent, score


def _clip(
    outcome: ClipOutcome, *beliefs: float | None, kind: str = "fire", delay_s: float | None = None
) -> ClipScore:
    raised = tuple(
        RaisedEvent(kind="fire", at_s=1.0, confidence=0.5, reason="", belief=belief)
        for belief in beliefs
    )
    return ClipScore(
        file="a<b.mp4", kind=kind, onset_s=0.0, duration_s=9.0, raised=raised, outcome=outcome,
        delay_s=delay_s,
    )  # fmt: skip


ROWS = [
    _clip(ClipOutcome.DETECTED, 0.2, 0.9, delay_s=4.0),
    replace(_clip(ClipOutcome.DETECTED, None, delay_s=1.0), p1_delay_s=2.0),
    _clip(ClipOutcome.MISSED),
    _clip(ClipOutcome.FALSE_ALERT, 0.4, kind="none"),
    _clip(ClipOutcome.QUIET, kind="none"),
    _clip(ClipOutcome.UNREADABLE),
    _clip(ClipOutcome.NOT_SCORED, 0.99, kind="ambiguous"),
]


def test_what_was_told_how_soon_counts_what_was_never_told() -> None:
    anyhow, as_p1 = delay_curves(ROWS)
    assert anyhow.points == ((1.0, 1 / 3), (4.0, 2 / 3))
    assert as_p1.points == ((2.0, 1 / 3),)


def test_precision_rises_and_recall_falls_with_the_belief_that_is_asked_for() -> None:
    precision, recall = precision_curves(ROWS)
    assert precision.points == ((0.4, 2 / 3), (0.9, 1.0), (1.0, 1.0))
    assert recall.points == ((0.4, 2 / 3), (0.9, 2 / 3), (1.0, 1 / 3))


def test_nothing_is_drawn_of_nothing() -> None:
    assert plots(score([_clip(ClipOutcome.QUIET, kind="none")], "t")) == "<p>none</p>"
    assert plots(score(ROWS, "t")).count("<svg") == 2


def test_no_label_of_a_plot_is_cut_off_at_its_edge() -> None:
    """The last numbers of the axes ran out of the picture."""
    letter_px = 8.0  # of a line of 12 px, at most
    labels = re.findall(r'<text x="([\d.]+)" y="[\d.]+"([^>]*)>([^<]*)<', plots(score(ROWS, "t")))
    assert len(labels) > 20
    for x, rest, text in labels:
        anchor = re.search(r'text-anchor="(\w+)"', rest)
        share = {"end": 1.0, "middle": 0.5}.get(anchor[1] if anchor else "start", 0.0)
        left = float(x) - share * letter_px * len(text)
        assert left >= 0, text
        assert left + letter_px * len(text) <= 480, text
