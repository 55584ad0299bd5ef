"""Signature: HMAC-SHA256 over time and body."""

import hashlib
import hmac
import re

HEADER = "Thapcanh-Signature"
TOLERANCE_S = 300.0
_FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def sign(body: bytes, secret: bytes, at: float) -> str:
    """Return the header's value for a body sent at a time (UTC unix seconds)."""
    context = str(int(at))
    return f"t={context},v1={_mac(context, body, secret)}"


def is_signed(header: str, body: bytes, secret: bytes, now: float) -> bool:
    found = _FORM.fullmatch(header.strip())
    if found is None:
        return False
    right = hmac.compare_digest(_mac(found[1], body, secret), found[2])
    return right and abs(now - int(found[1])) <= TOLERANCE_S


def _mac(context: str, body: bytes, secret: bytes) -> str:
    return hmac.new(secret, f"{context}.".encode() + body, hashlib.sha256).hexdigest()
