"""What an answer means, when the next attempt is, and what proves who sent it."""

import hashlib
import hmac

import pytest

from thapcanh.alerts.delivery import webhook_sender
from thapcanh.alerts.delivery.attempt import AttemptOutcome, of_http
from thapcanh.ingest.backoff import Backoff


@pytest.mark.parametrize(
    ("status", "outcome", "words"),
    [
        (200, AttemptOutcome.DELIVERED, None),
        (202, AttemptOutcome.DELIVERED, None),
        (302, AttemptOutcome.FAILED, "redirects to other.example, which is not followed"),
        (400, AttemptOutcome.REFUSED, "refuses this message (400)"),
        (401, AttemptOutcome.FAILED, "does not accept our secret (401)"),
        (404, AttemptOutcome.FAILED, "answers 404"),
        (422, AttemptOutcome.REFUSED, "refuses this message (422)"),
        (429, AttemptOutcome.FAILED, "answers 429"),
        (500, AttemptOutcome.FAILED, "answers 500"),
    ],
)
def test_answers(status: int, outcome: AttemptOutcome, words: str | None) -> None:
    attempt = of_http(status, "other.example")
    assert attempt.outcome is outcome
    assert attempt.error is None if words is None else words in (attempt.error or "")


def test_waits_grow_to_a_bound_and_are_spread() -> None:
    backoff = Backoff(first_s=2.0, longest_s=60.0)
    assert [backoff.wait_s(one, lambda: 1.0) for one in (1, 2, 3, 9, 10**9)] == [2, 4, 8, 60, 60]
    assert backoff.wait_s(3, lambda: 0.0) == 4.0


def test_signature_holds_body_time_and_secret_together() -> None:
    body, secret, at = b'{"a":1}', b"secret", 1_795_570_000.4
    header = webhook_sender.sign(body, secret, at)
    mac = hmac.new(secret, b"1795570000." + body, hashlib.sha256).hexdigest()
    assert header == f"t=1795570000,v1={mac}"
