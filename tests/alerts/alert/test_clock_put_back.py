"""Folding after the centre's clock was put back: no place is quiet for as long as it went."""

from dataclasses import replace

from tests.alerts.alert.test_deduplication import CLEARED, OTHER, SAME_SIZE, SETTINGS, rejected
from tests.alerts.queue.fake_events import FIRST_AT, fake_event
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.deduplication import AlertEpisode, DedupReason, deduplicate


def test_a_clock_that_was_put_back_makes_no_place_quiet_for_longer() -> None:
    """An hour back, a fire where one was rejected, or was over, was not heard for an hour."""

    def found(episode: AlertEpisode) -> DedupReason:
        seen = fake_event(1, **SAME_SIZE)
        return deduplicate(episode, seen, SETTINGS, cleared_before=False).reason

    for ago_s, reason in ((-59.0, DedupReason.QUIET_PLACE), (-3600.0, DedupReason.RECURRED)):
        known = replace(rejected(FIRST_AT - ago_s, known=False), verdict_ago_s=ago_s)
        assert found(known) is reason
    behind = replace(rejected(FIRST_AT + 3600.0, known=False), verdict_ago_s=5.0)
    assert found(behind) is DedupReason.QUIET_PLACE  # one worker's clock is behind
    confirmed = replace(OTHER, state=AlertState.CONFIRMED, condition=CLEARED)
    for ago_s, reason in ((-59.0, DedupReason.FOLDED), (-3600.0, DedupReason.RECURRED)):
        over = replace(confirmed, cleared_at=FIRST_AT - ago_s, cleared_ago_s=ago_s)
        assert found(over) is reason
    late = replace(confirmed, cleared_at=FIRST_AT + 600.0, cleared_ago_s=5.0)
    assert found(late) is DedupReason.FOLDED  # it comes late: it was seen before the clearing
