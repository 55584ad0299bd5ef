"""A centre that is missing, or whose clock is off, is an alarm, and `/readyz` fails by it."""

import argparse
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import Centre, serving
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.store.coordination.centres import SILENT_S, ExpectedCentre
from thapcanh.app.centre import centre_command
from thapcanh.app.centre.centre_membership import centre_findings, unsure
from thapcanh.app.health.health_monitor import HealthMonitor, HealthVerdict
from thapcanh.config.site import Site
from thapcanh.detection.event import EventPhase


def _centre(name: str, *, silent_s: float = 1.0, ahead_s: float = 0.0) -> ExpectedCentre:
    return ExpectedCentre(name=name, silent_s=silent_s, ahead_s=ahead_s, within_s=0.1)


def test_a_dead_standby_is_raised_and_cleared_when_it_lives_again() -> None:
    monitor, said = HealthMonitor(), []
    for at in range(40):
        silent_s = SILENT_S if at < 20 else 1.0
        findings = centre_findings(
            [_centre("me", silent_s=99.0), _centre("b", silent_s=silent_s)], "me"
        )
        said += monitor.judge(findings, float(at))
    told = [(event.kind, event.camera_id, event.phase) for event in said]
    assert told == [
        (SystemKind.CENTRE_LOST, "b", EventPhase.RAISED),
        (SystemKind.CENTRE_LOST, "b", EventPhase.CLEARED),
    ]


def test_a_standby_whose_clock_is_three_hours_off_is_raised_by_its_name() -> None:
    monitor, said = HealthMonitor(), []
    for at in range(10):
        findings = centre_findings([_centre("me"), _centre("b", ahead_s=-10_800.0)], "me")
        said += monitor.judge(findings, float(at))
    assert [(event.kind, event.camera_id, event.reason) for event in said] == [
        (SystemKind.CLOCK_SKEW, "b", "the clock is 10800 s behind the archive's")
    ]


def test_an_archive_that_does_not_answer_ends_no_alarm() -> None:
    findings = unsure(centre_findings([_centre("b", silent_s=SILENT_S)], "me"))
    assert findings
    assert {one.verdict for one in findings} == {HealthVerdict.UNSURE}


@pytest.mark.parametrize(
    ("expected", "status"),
    [
        (_centre("b"), (200, "ok")),
        (_centre("b", silent_s=SILENT_S), (503, "centre_missing")),
        (_centre("b", ahead_s=10_800.0), (503, "centre_clock_wrong")),
    ],
)
def test_a_centre_is_not_ready_while_another_is_missing_or_its_clock_is_wrong(
    centre: Centre,
    monkeypatch: pytest.MonkeyPatch,
    expected: ExpectedCentre,
    status: tuple[int, str],
) -> None:
    services = centre.services()
    told = replace(services, expected_centres=lambda: [expected])
    monkeypatch.setattr(centre, "services", lambda: told)
    centre.site.replace(Site())
    with serving(centre) as served:
        ready = anonymous_get(served.address + "/readyz")
        assert (ready.status_code, ready.json()["status"]) == status
        assert anonymous_get(served.address + "/healthz").status_code == 200


def test_a_living_centre_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    removed: list[str] = []
    known = [_centre("a"), _centre("b", silent_s=99.0)]
    monkeypatch.setattr(centre_command, "expected_centres", lambda _: known)
    monkeypatch.setattr(centre_command, "remove_centre", lambda _, name, __: removed.append(name))
    config = tmp_path / "thapcanh.toml"
    config.write_text(f'[site]\nname = "x"\ndata_dir = "{tmp_path}"\n')
    codes = [
        centre_command.run_centres(argparse.Namespace(config=config, action=action, centre=name))
        for action, name in (("list", None), ("remove", "a"), ("remove", "c"), ("remove", "b"))
    ]
    assert codes[0] == codes[3] == 0
    assert 0 not in codes[1:3]
    assert removed == ["b"]
    printed = capsys.readouterr()
    assert "b  missing, silent for 99 s" in printed.out
    assert "a lives: stop it first" in printed.err
