"""What the integration page shows to a webhook's receiver, word for word."""

import hashlib
import hmac
import re
import time
from pathlib import Path
from typing import Any

from thapcanh.alerts.delivery import webhook_sender

PAGE = Path(__file__).parents[3] / "docs" / "integration.md"


def _is_right(header: str, body: bytes, secret: bytes) -> bool:
    section = PAGE.read_text(encoding="utf-8").split("### The webhook\n")[1].split("\n### ")[0]
    (code,) = re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {"header": header, "body": body, "secret": secret}
    names |= {"hmac": hmac, "hashlib": hashlib, "time": time}
    exec(code, names)  # noqa: S102 the page's own lines
    return bool(names["ok"])


def test_the_receiver_of_the_page_believes_what_is_signed_and_nothing_else() -> None:
    body, secret, now = b'{"id": "0190"}', "một bí mật đủ dài".encode(), time.time()
    header = webhook_sender.sign(body, secret, now)
    assert _is_right(header, body, secret)
    assert not _is_right(header, body + b" ", secret)
    assert not _is_right(header, body, b"another")
    assert not _is_right(webhook_sender.sign(body, secret, now - 600), body, secret)
