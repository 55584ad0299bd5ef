"""Whatever the evidence store does, no event waits for it, and files follow."""

import sys
from pathlib import Path

import pytest

from tests.chaos.evidence_faults import FAULT_S, FAULTS, store_fails
from tests.chaos.failover import NotPermitted
from thapcanh.alerts.evidence import forwarding as delivery


@pytest.mark.parametrize("kind", sorted(FAULTS))
def test_no_event_waits_for_the_store_whatever_it_does(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LATE_AFTER_S", 0.5)
    try:
        outcome = store_fails(tmp_path, kind)
    except NotPermitted as reason:
        pytest.skip(f"this machine does not let us do that: {reason}")
    sys.stdout.write(f"{kind}: {outcome}\n")
    assert (outcome.lost, outcome.without_files) == ([], [])
    assert outcome.latest_s < FAULT_S / 2, "it did not wait until the store was back"
    assert outcome.events > 10
    assert outcome.told_late > 0
