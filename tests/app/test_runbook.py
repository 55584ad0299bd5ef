"""Who is woken by the watch's own trouble finds it in the runbook, by kind and by rule."""

from importlib import import_module
from pathlib import Path

import pytest

from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.app.health.health_monitor import HealthProblem

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
MODULES = [
    ".".join(("thapcanh", *path.relative_to(ROOT).with_suffix("").parts))
    for path in sorted((ROOT / "app").rglob("*.py"))
    if "HealthProblem(" in path.read_text(encoding="utf-8")
]
TROUBLES = {
    (thing.rule_id, thing.priority): thing
    for module in MODULES
    for thing in vars(import_module(module)).values()
    if isinstance(thing, HealthProblem)
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=lambda trouble: trouble.rule_id)
def test_every_trouble_has_its_line(trouble: HealthProblem) -> None:
    mark = " (P1)" if trouble.priority == 1 else ""
    rows = [line.split("|")[1:3] for line in RUNBOOK.splitlines() if line.startswith("| `")]
    rules = [rule for kind, rule in rows if f"`{trouble.kind}`" in kind]
    assert any(f"`{trouble.rule_id}`{mark}" in rule for rule in rules)


@pytest.mark.parametrize("kind", SystemKind)
def test_every_kind_has_its_chapter_with_a_word_for_the_duty_officer(kind: SystemKind) -> None:
    chapter = RUNBOOK.partition(f"\n## `{kind}`")[2].partition("\n## ")[0]
    assert "> **Trực ban:**" in chapter
