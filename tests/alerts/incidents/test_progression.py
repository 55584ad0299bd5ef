"""The life of an incident: properties that hold after any row of commands."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thapcanh.alerts.alert.alert_state import CommandOutcome
from thapcanh.alerts.incidents.incident_state import (
    ORDER,
    Disposition,
    IncidentAction,
    IncidentCommand,
    IncidentProgress,
    IncidentReason,
    IncidentState,
)
from thapcanh.alerts.incidents.progression import decide_incident
from thapcanh.alerts.store.roles import Role

OPEN = IncidentProgress(state=IncidentState.OPEN, priority=1, version=1, people_version=1)


def command(action: IncidentAction, **facts: object) -> IncidentCommand:
    base = IncidentCommand(action=action, username="an", role=Role.OPERATOR, expected_version=1)
    return replace(base, **facts)  # type: ignore[arg-type]


COMMANDS = st.builds(
    command,
    st.sampled_from(IncidentAction),
    role=st.sampled_from([Role.OPERATOR, Role.LEADER, Role.VIEWER]),
    step=st.sampled_from([*IncidentState, "elsewhere", None]),
    by_unit=st.booleans(),
    told=st.integers(0, 2),
    disposition=st.sampled_from([*Disposition, "gone", None]),
    note=st.sampled_from(["đã dập tắt", None]),
    is_note=st.booleans(),
    priority=st.sampled_from([1, 2, 3, None]),
)


AFTERWARDS = (IncidentAction.REOPEN, IncidentAction.CORRECT)  # what is over is changed on purpose


@settings(max_examples=300)
@given(st.lists(COMMANDS, max_size=12))
def test_whatever_officers_do_it_goes_forward_and_each_step_counts_once(
    commands: list[IncidentCommand],
) -> None:
    progress, steps = OPEN, [IncidentState.OPEN]
    for number, one in enumerate(commands):
        found = decide_incident(progress, one, float(number))
        after = found.progress
        assert found == decide_incident(progress, one, float(number))
        if found.outcome is CommandOutcome.DONE and one.action in AFTERWARDS:
            if one.action is IncidentAction.REOPEN:
                steps.remove(IncidentState.CLOSED)
            progress = after
            continue
        assert ORDER[after.state] >= ORDER[progress.state]
        if found.outcome is not CommandOutcome.DONE:
            assert after == progress
            assert found.step is None
        if found.step is not None:
            assert found.step not in steps
            assert found.step is after.state
            steps.append(found.step)
        if progress.state is IncidentState.CLOSED:
            moves = one.action is not IncidentAction.SEPARATE
            assert found.outcome is not CommandOutcome.DONE or not moves
        assert (after.state is IncidentState.CLOSED) == (after.closed_at is not None)
        assert after.reached == set(steps)
        progress = after
    assert [ORDER[step] for step in steps] == sorted(ORDER[step] for step in steps)


ON_OPEN = [
    one
    for one in IncidentAction
    if one
    not in (
        IncidentAction.RELEASE,  # of what is free: refused before it is stale
        IncidentAction.REOPEN,
        IncidentAction.CORRECT,
        IncidentAction.HAND_OVER,
    )
]


@given(st.sampled_from(ON_OPEN), st.integers(0, 20))
def test_what_people_moved_since_stands_against_every_command_but_notes_and_ticks(
    action: IncidentAction, seen: int
) -> None:
    moved = replace(OPEN, version=12, people_version=8)
    given_facts = {"told": 1, "step": "controlled", "disposition": Disposition.HOAX, "note": "x"}
    found = decide_incident(moved, command(action, expected_version=seen, **given_facts), 1.0)
    never_stale = (IncidentAction.TICK, IncidentAction.ACKNOWLEDGE)
    is_fresh = 8 <= seen <= 12 or action in never_stale
    assert found.outcome is (CommandOutcome.DONE if is_fresh else CommandOutcome.STALE)
    note = command(IncidentAction.JOIN, expected_version=seen, is_note=True, note="gọi lại")
    assert decide_incident(moved, note, 1.0).outcome is CommandOutcome.DONE


@pytest.mark.parametrize(
    ("action", "facts", "why"),
    [
        (IncidentAction.DISPATCH, {}, IncidentReason.NOBODY_TOLD),
        (IncidentAction.STEP, {"step": "en_route"}, IncidentReason.NOT_DISPATCHED),
        (IncidentAction.STEP, {"step": "closed"}, IncidentReason.STEP_UNKNOWN),
        (IncidentAction.CLOSE, {}, IncidentReason.DISPOSITION_MISSING),
        (IncidentAction.CLOSE, {"disposition": "gone"}, IncidentReason.DISPOSITION_UNKNOWN),
        (IncidentAction.JOIN, {"is_note": True}, IncidentReason.NOTE_MISSING),
    ],
)
def test_what_is_missing_is_named(
    action: IncidentAction, facts: dict[str, object], why: IncidentReason
) -> None:
    found = decide_incident(OPEN, command(action, **facts), 1.0)
    assert (found.outcome, found.why) == (CommandOutcome.INVALID, why)


def test_units_on_the_scene_keep_it_from_being_handled_and_want_a_report() -> None:
    out = decide_incident(OPEN, command(IncidentAction.DISPATCH, told=1), 1.0).progress
    there = decide_incident(out, command(IncidentAction.STEP, step="on_scene"), 2.0).progress
    handled = command(IncidentAction.CLOSE, disposition=Disposition.HANDLED, note="xong")
    assert decide_incident(there, handled, 3.0).why is IncidentReason.NOT_CONTROLLED
    calm = decide_incident(there, command(IncidentAction.STEP, step="controlled"), 3.0).progress
    silent = replace(handled, note=None)
    assert decide_incident(calm, silent, 4.0).why is IncidentReason.REPORT_MISSING
    assert decide_incident(calm, handled, 4.0).progress.state is IncidentState.CLOSED
    assert IncidentState.EN_ROUTE not in calm.reached  # nobody told of it: it has no time
