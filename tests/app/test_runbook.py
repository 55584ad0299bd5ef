"""Who is woken by the watch's own trouble finds it in the runbook, by kind and by rule."""

from pathlib import Path

import pytest

import thapcanh.app.centre.several.one_of_centres
import thapcanh.app.delivery.target_health
import thapcanh.app.health.centre_health_checks
import thapcanh.app.health.queue_primary
import thapcanh.app.health.watched_cameras
import thapcanh.app.ptz.ptz_rounds
import thapcanh.app.siem.siem_sender
import thapcanh.app.worker.health_checks
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.app.health.health_monitor import HealthProblem

RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text(encoding="utf-8")
TROUBLES = [
    thing
    for module in (
        thapcanh.app.centre.several.one_of_centres,
        thapcanh.app.health.centre_health_checks,
        thapcanh.app.health.queue_primary,
        thapcanh.app.health.watched_cameras,
        thapcanh.app.delivery.target_health,
        thapcanh.app.ptz.ptz_rounds,
        thapcanh.app.siem.siem_sender,
        thapcanh.app.worker.health_checks,
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
