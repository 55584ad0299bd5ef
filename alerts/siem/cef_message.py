"""Action log entry as a syslog message (RFC 5424) in CEF.

Officers' texts and apparent secrets are left out; each message has the entry's number and seal.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from thapcanh.alerts.store.action_log import LogRow
from thapcanh.config.secret import MASK, mask_url

_PRIORITY = 13 * 8 + 5  # log audit, notice
_LONGEST = 4096  # characters of the details; every receiver takes 8 KiB
_SECRET = re.compile(r"pass|pwd|secret|token|key|code|credential|auth|login|phone|caller", re.I)
_URL = re.compile(r"\S+://\S+")
_SEVERITIES = (
    (8, re.compile(r"guessed|disagree|broken|not_signed")),
    (6, re.compile(r"removed|deleted|exported|ended|discarded|revoked|cleared|migrated")),
    (5, re.compile(r"account|token|password|factor|logged|target|registry|camera")),
)
_LOWEST = 3


def syslog_message(row: LogRow, host: str, version: str) -> bytes:
    """Return the message without transport framing."""
    at = datetime.fromtimestamp(row.at, UTC).isoformat(timespec="microseconds")[:-6] + "Z"
    name = re.sub(r"[^!-~]", "_", row.action)[:32] or "-"
    origin = f'[origin software="thapcanh" swVersion="{version}"]'
    head = f"<{_PRIORITY}>1 {at} {_ascii(host)} thapcanh - {name} {origin} "
    return (head + cef(row, version)).encode()


def cef(row: LogRow, version: str) -> str:
    title = row.action.replace("_", " ").replace(".", " ")
    head = ("Thap Canh", "thapcanh", version, row.action, title, str(severity(row.action)))
    fields = {
        "rt": str(int(row.at * 1000)),
        "externalId": str(row.seq),
        "suser": row.actor,
        "spriv": row.role,
        "act": row.action,
        "reason": row.reason,
        "cs1Label": "object",
        "cs1": row.object_id,
        "cs2Label": "hash",
        "cs2": row.hash,
        "cs3Label": "details",
        "cs3": details_text(row.details),
    }
    stated = " ".join(f"{key}={_value(value)}" for key, value in fields.items() if value)
    return "CEF:0|" + "|".join(map(_header, head)) + "|" + stated


def severity(action: str) -> int:
    return next((number for number, words in _SEVERITIES if words.search(action)), _LOWEST)


def details_text(details: str) -> str:
    """Return the details as JSON without apparent secrets; empty if there are none."""
    found = json.loads(details)
    if not found:
        return ""
    text = json.dumps(_shown(found), ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: MASK if _SECRET.search(str(name)) and _is_stated(one) else _shown(one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_shown(one) for one in value]
    if isinstance(value, str):
        return _URL.sub(lambda found: mask_url(found[0]), value)
    return value


def _is_stated(value: Any) -> bool:
    """Return whether a value is text or nested, which may be a secret."""
    return isinstance(value, str | list | Mapping) and bool(value)


def _ascii(host: str) -> str:
    return re.sub(r"[^!-~]", "_", host)[:255] or "-"


def _header(text: str) -> str:
    return _one_line(text).replace("\\", "\\\\").replace("|", "\\|")


def _value(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("=", "\\=")
    return re.sub(r"\r\n|[\r\n\x85\u2028\u2029]", r"\\n", escaped).replace("\0", "")


def _one_line(text: str) -> str:
    return " ".join(text.split())
