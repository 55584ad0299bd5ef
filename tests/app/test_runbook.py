"""Whoever is woken by the watch's own trouble finds it in the runbook, by kind and by rule."""

from pathlib import Path

import pytest

import app.system_watch_centre
import app.system_watch_worker
from alerts.system_event import SystemKind
from app.system_watch import Trouble

RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text(encoding="utf-8")
TROUBLES = [
    thing
    for module in (app.system_watch_centre, app.system_watch_worker)
    for thing in vars(module).values()
    if isinstance(thing, Trouble)
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.rule_id)
def test_every_trouble_has_its_line(trouble: Trouble) -> None:
    mark = " (P1)" if trouble.priority == 1 else ""
    assert f"| `{trouble.kind}` | `{trouble.rule_id}`{mark} |" in RUNBOOK


@pytest.mark.parametrize("kind", SystemKind)
def test_every_kind_has_its_chapter_with_a_word_for_the_duty_officer(kind: SystemKind) -> None:
    chapter = RUNBOOK.partition(f"\n## `{kind}`")[2].partition("\n## ")[0]
    assert "> **Trực ban:**" in chapter
