"""Precision and recall of each rule about people and vehicles. Pure.

A period counts once, however often its rule raises an event in it. A crossing counts once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from thapcanh.tools.evaluation.counted_truth import TruthLine
from thapcanh.tools.evaluation.score import Interval, wilson

SLACK_S = 1.0  # periods are read from pictures a second apart
CROSSING = "exit"  # the rule behind both directions of a line


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOutcome:
    """Alerts of one line of the table that were right, wrong, and missing."""

    rule: str
    classes: str
    right: int = 0
    wrong: int = 0
    missed: int = 0
    raised_at_s: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share with its interval at 95 %; both are None of nothing."""

    hits: int
    of: int
    share: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleScore:
    """Precision and recall of one rule on some classes, over all clips."""

    rule: str
    classes: str
    lines: int
    precision: Rate
    recall: Rate


def score_period(line: TruthLine, raised_at_s: Sequence[float], duration_s: float) -> LineOutcome:
    """Return the outcome of a line about a state; `raised_at_s` are its rule's events."""
    start_s = line.at_s
    end_s = duration_s if line.until_s is None else line.until_s
    is_due = start_s is not None and end_s - start_s > line.for_s
    inside = [at for at in raised_at_s if is_due and _is_within(at, start_s, end_s)]
    return LineOutcome(
        rule=line.what,
        classes=" ".join(line.classes),
        right=int(bool(inside)),
        wrong=int(len(inside) < len(raised_at_s)),
        missed=int(is_due and not inside),
        raised_at_s=tuple(raised_at_s),
    )


def score_crossings(line: TruthLine, ours: int) -> LineOutcome:
    """Return the outcome of a line about crossings in one direction."""
    return LineOutcome(
        rule=CROSSING,
        classes=" ".join(line.classes),
        right=min(ours, line.count),
        wrong=max(0, ours - line.count),
        missed=max(0, line.count - ours),
    )


def rule_scores(outcomes: Sequence[LineOutcome]) -> list[RuleScore]:
    """Return a score for each rule and set of classes, by name."""
    names = sorted({(one.rule, one.classes) for one in outcomes})
    return [_score([one for one in outcomes if (one.rule, one.classes) == name]) for name in names]


def _score(outcomes: Sequence[LineOutcome]) -> RuleScore:
    right = sum(one.right for one in outcomes)
    return RuleScore(
        rule=outcomes[0].rule,
        classes=outcomes[0].classes,
        lines=len(outcomes),
        precision=_rate(right, right + sum(one.wrong for one in outcomes)),
        recall=_rate(right, right + sum(one.missed for one in outcomes)),
    )


def _rate(hits: int, of: int) -> Rate:
    share = round(hits / of, 4) if of else None
    return Rate(hits=hits, of=of, share=share, interval=wilson(hits, of))


def _is_within(at_s: float, start_s: float | None, end_s: float) -> bool:
    return start_s is not None and start_s - SLACK_S <= at_s <= end_s + SLACK_S
