"""Who is woken by the watch's own trouble finds it in the runbook, by kind and by rule."""

from pathlib import Path

import pytest

import app.centre.several.one_of_centres
import app.delivery.target_health
import app.health.centre_health_checks
import app.health.queue_primary
import app.health.watched_cameras
import app.ptz.ptz_rounds
import app.siem.siem_sender
import app.worker.health_checks
from alerts.queue.system_events import SystemKind
from app.health.health_monitor import HealthProblem

RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text(encoding="utf-8")
TROUBLES = [
    thing
    for module in (
        app.centre.several.one_of_centres,
        app.health.centre_health_checks,
        app.health.queue_primary,
        app.health.watched_cameras,
        app.delivery.target_health,
        app.ptz.ptz_rounds,
        app.siem.siem_sender,
        app.worker.health_checks,
    )
    for thing in vars(module).values()
    if isinstance(thing, HealthProblem)
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.rule_id)
def test_every_trouble_has_its_line(trouble: HealthProblem) -> None:
    mark = " (P1)" if trouble.priority == 1 else ""
    assert f"| `{trouble.kind}` | `{trouble.rule_id}`{mark} |" in RUNBOOK


@pytest.mark.parametrize("kind", SystemKind)
def test_every_kind_has_its_chapter_with_a_word_for_the_duty_officer(kind: SystemKind) -> None:
    chapter = RUNBOOK.partition(f"\n## `{kind}`")[2].partition("\n## ")[0]
    assert "> **Trực ban:**" in chapter
