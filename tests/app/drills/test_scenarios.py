"""A drill from its beginning to its score: by the real ways of evidence, spool and archive."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from uuid6 import uuid7

from tests.alerts.desk import AN, Desk
from tests.alerts.queue.fake_events import fake_message
from tests.app.drill_site import Stage, facts, short_film, site_of, until
from tests.made_archives import archive_at
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.records import Alert, AlertFilter
from thapcanh.alerts.drills.drill_store import DrillRepository
from thapcanh.alerts.drills.drills import DrillEnd, DrillOutcome
from thapcanh.alerts.evidence.cases.case_folder import verify_case
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.roles import EVERYTHING, Actor, AlertAction, Role
from thapcanh.app.drills.scenarios import DrillRefused, begin, scenarios
from thapcanh.config.site import Site
from thapcanh.detection.event import EventPhase

LEADER = Actor(username="le", name="Lê", role=Role.LEADER)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    short_film(tmp_path / "film.mp4")
    archive = archive_at(tmp_path / "archive.sqlite")
    yield Stage(archive=archive, site=site_of(tmp_path), folder=tmp_path)
    archive.close()


def drills_of(archive: Archive) -> list[Alert]:
    return list(archive.alerts(AlertFilter(exercise=True)).items)


def begun(stage: Stage, scenario: str = "square") -> str:
    book = DrillRepository(stage.archive.database)
    return begin(book, stage.site, (scenario, "gate"), LEADER, time.time()).id


def test_a_drill_comes_to_the_desk_is_answered_and_scored(stage: Stage) -> None:
    book = DrillRepository(stage.archive.database)
    with stage.running() as runner:
        begun(stage)
        until(runner, lambda: drills_of(stage.archive))
        (alert,) = drills_of(stage.archive)
        assert (alert.kind, alert.priority, alert.camera_name) == ("fire", 1, "Cổng")
        desk = Desk(stage.archive, alert.id)
        desk.do(AlertAction.ACKNOWLEDGE, AN, time.time())
        desk.do(AlertAction.CONFIRM, AN, time.time(), idempotency_key="c")
        desk.do(AlertAction.CLOSE, AN, time.time(), idempotency_key="x")
        until(runner, lambda: book.running() is None)
        until(runner, lambda: stage.archive.alert(alert.id).condition == "cleared")  # type: ignore[union-attr]
    (found,) = book.scores(10, EVERYTHING)
    assert (found.outcome, found.verdict_by, found.alert_id) == (
        DrillOutcome.RIGHT,
        "an",
        alert.id,
    )
    assert stage.rung


def test_every_file_of_a_drill_says_that_it_is_one(stage: Stage) -> None:
    with stage.running() as runner:
        begun(stage)
        until(runner, lambda: drills_of(stage.archive) and drills_of(stage.archive)[0].clip)
        (alert,) = drills_of(stage.archive)
        files = {each.kind.value: each for each in stage.archive.evidence_of(alert.id)}
    root = stage.folder / "evidence"
    for kind in ("snapshot", "snapshot_boxed", "clip_start"):
        with av.open(str(root / files[kind].path)) as film:
            for frame in film.decode(video=0):
                band = frame.to_ndarray(format="rgb24")[1, 2:12]
                assert np.ptp(band, axis=0).max() < 40
                assert band[:, 1].mean() > band[:, 0].mean() + 40, kind  # green, on every picture
    manifest = json.loads((root / files["manifest"].path).read_text(encoding="utf-8"))
    assert manifest["event"]["exercise"] is True
    assert verify_case((root / files["manifest"].path).parent).ok


def test_who_does_not_answer_in_time_has_missed_it_and_owes_nothing(stage: Stage) -> None:
    book = DrillRepository(stage.archive.database)
    with stage.running() as runner:
        begun(stage)
        until(runner, lambda: drills_of(stage.archive))
        stage.site = _with_limit(stage.site, -1.0)
        until(runner, lambda: all(a.state is AlertState.CLOSED for a in drills_of(stage.archive)))
    (found,) = book.scores(10, EVERYTHING)
    assert found.outcome is DrillOutcome.MISSED
    (alert,) = drills_of(stage.archive)
    assert (alert.closed_by, alert.verdict_by) == (None, None)
    assert "drill_ended" in [line.reason for line in stage.archive.log_of(alert.id)]
    assert stage.archive.verify_chain().ok


def test_a_real_fire_ends_the_drill_and_stands_alone(stage: Stage) -> None:
    book = DrillRepository(stage.archive.database)
    with stage.running() as runner:
        begun(stage)
        until(runner, lambda: drills_of(stage.archive))
        now = time.time()
        real = fake_message(
            1, event_id=str(uuid7()), phase=EventPhase.RAISED, camera_id="gate", priority=1,
            captured_at=now, inferred_at=now,
        )  # fmt: skip
        stage.archive.take_in(real, queued_at=now, now=now, camera=facts)
        until(runner, lambda: all(a.state is AlertState.CLOSED for a in drills_of(stage.archive)))
    (found,) = book.scores(10, EVERYTHING)
    assert (found.outcome, found.drill.failure) == (DrillOutcome.FAILED, DrillEnd.REAL_ALERT)
    (alert,) = stage.archive.alerts(AlertFilter(exercise=False)).items
    assert (alert.state, alert.condition) == (AlertState.NEW, "active")


def test_a_centre_that_died_goes_on_with_the_drill_and_raises_it_once(stage: Stage) -> None:
    book = DrillRepository(stage.archive.database)
    drill_id = begun(stage)
    with stage.running() as runner:
        until(runner, lambda: drills_of(stage.archive))
    with stage.running() as runner:
        runner.round()
        runner.round()
        assert len(drills_of(stage.archive)) == 1
        assert book.end(drill_id, time.time(), by=LEADER)
        until(runner, lambda: all(a.state is AlertState.CLOSED for a in drills_of(stage.archive)))


def test_a_film_that_cannot_be_read_says_so_in_the_score(stage: Stage) -> None:
    book = DrillRepository(stage.archive.database)
    with stage.running() as runner:
        begun(stage, "broken")
        until(runner, lambda: book.running() is None)
    (found,) = book.scores(10, EVERYTHING)
    assert found.outcome is DrillOutcome.FAILED
    assert "gone.mp4" in (found.drill.failure or "")
    assert drills_of(stage.archive) == []


def test_only_what_is_known_and_seen_can_be_drilled(stage: Stage) -> None:
    book = DrillRepository(stage.archive.database)
    for order in (("square", "nowhere"), ("nothing", "gate")):
        with pytest.raises(DrillRefused):
            begin(book, stage.site, order, LEADER, time.time())


def test_there_is_something_to_drill_without_any_film_of_the_site() -> None:
    ours = scenarios(Site()).values()
    assert {each.right_verdict for each in ours} == {AlertState.CONFIRMED, AlertState.REJECTED}


def _with_limit(site: Site, limit_s: float) -> Site:
    return site.model_copy(update={"drills": site.drills.model_copy(update={"limit_s": limit_s})})
