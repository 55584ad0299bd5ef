"""Precision and recall of rules: which events are right, wrong, and missing."""

import pytest

from thapcanh.tools.evaluation.counted_truth import CountedMatter, TruthLine
from thapcanh.tools.evaluation.rule_score import rule_scores, score_crossings, score_period

CLIP_S = 20.0


def _line(
    at_s: float | None = None,
    until_s: float | None = None,
    *,
    for_s: float = 0.0,
    what: CountedMatter = CountedMatter.CROWD,
    count: int = 0,
) -> TruthLine:
    return TruthLine(
        file="a.mp4",
        what=what,
        classes=("person",),
        at_s=at_s,
        until_s=until_s,
        for_s=for_s,
        limit=4,
        count=count,
    )


@pytest.mark.parametrize(
    ("line", "raised_at_s", "right", "wrong", "missed"),
    [
        (_line(), [], 0, 0, 0),
        (_line(), [3.0, 9.0], 0, 1, 0),
        (_line(5.0), [6.0], 1, 0, 0),
        (_line(5.0), [], 0, 0, 1),
        (_line(5.0, 10.0), [4.5, 7.0, 10.5], 1, 0, 0),  # read to a second; counts once
        (_line(5.0, 10.0), [3.0], 0, 1, 1),
        (_line(5.0, 10.0), [6.0, 15.0], 1, 1, 0),
        (_line(5.0, 10.0, for_s=6.0), [], 0, 0, 0),  # too short for the rule
        (_line(5.0, 10.0, for_s=6.0), [9.0], 0, 1, 0),
        (_line(15.0, for_s=4.0), [19.5], 1, 0, 0),  # to the end of the clip
        (_line(15.0, for_s=6.0), [], 0, 0, 0),
    ],
)
def test_a_period(
    line: TruthLine, raised_at_s: list[float], right: int, wrong: int, missed: int
) -> None:
    found = score_period(line, raised_at_s, CLIP_S)
    assert (found.right, found.wrong, found.missed) == (right, wrong, missed)


@pytest.mark.parametrize(
    ("truth", "ours", "right", "wrong", "missed"),
    [(3, 3, 3, 0, 0), (3, 1, 1, 0, 2), (1, 3, 1, 2, 0), (0, 0, 0, 0, 0)],
)
def test_crossings(truth: int, ours: int, right: int, wrong: int, missed: int) -> None:
    found = score_crossings(_line(what=CountedMatter.OUT, count=truth), ours)
    assert (found.rule, found.right, found.wrong, found.missed) == ("exit", right, wrong, missed)


def test_rules_are_added_up_over_lines() -> None:
    crowds = [
        score_period(_line(5.0), [6.0], CLIP_S),
        score_period(_line(5.0), [], CLIP_S),
        score_period(_line(), [3.0], CLIP_S),
    ]
    exits = [
        score_crossings(_line(what=CountedMatter.OUT, count=2), 2),
        score_crossings(_line(what=CountedMatter.IN, count=0), 0),
    ]
    crowd, crossing = rule_scores([*crowds, *exits])
    assert (crowd.rule, crowd.classes, crowd.lines) == ("crowd", "person", 3)
    assert (crowd.precision.hits, crowd.precision.of, crowd.precision.share) == (1, 2, 0.5)
    assert crowd.precision.interval == (0.0945, 0.9055)
    assert (crowd.recall.hits, crowd.recall.of) == (1, 2)
    assert (crossing.rule, crossing.lines, crossing.recall.hits) == ("exit", 2, 2)
    assert rule_scores([]) == []
