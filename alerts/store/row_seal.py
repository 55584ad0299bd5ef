"""Seals of the archive's rows: which columns a log entry vouches for, and their sha256.

A row's seal stands in the entry of the act that last changed it (`details.seals`, by
`table:key`). What changes without an entry, such as the moment an alert was last seen, is not in
it. Pure; times are compared as they are stored.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

SEALS = "seals"

# fmt: off
PROTECTED: Mapping[str, tuple[str, ...]] = {
    "alert": (
        "id", "number", "kind", "priority", "camera_id", "camera_name", "place", "area", "agency",
        "lat", "lon", "rule_id", "rule_version", "zone_id", "raised_at", "captured_at",
        "inferred_at", "spooled_at", "queued_at", "stored_at", "exercise", "recurrence_of", "state",
        "owner", "acknowledged_at", "held_since", "lease_until", "verdict", "verdict_by",
        "verdict_at", "reject_reason", "cosign_wanted_by", "closed_by", "closed_at",
    ),
    "event": (
        "id", "event_id", "source", "producer_epoch", "producer_seq", "phase", "kind", "camera_id",
        "rule_id", "rule_version", "zone_id", "priority", "box_x", "box_y", "box_w", "box_h",
        "confidence", "label", "model_name", "model_sha256", "captured_at", "inferred_at",
        "spooled_at", "queued_at", "stored_at", "reason", "unchecked", "exercise",
    ),
    "user_account": (
        "username", "name", "roles", "locale", "password_hash", "agencies", "areas", "disabled",
        "created_at", "made_by",
    ),
    "api_token": (
        "id", "name", "token_sha256", "roles", "powers", "agencies", "areas", "created_at",
        "expires_at", "revoked_at",
    ),
    "shift": ("id", "username", "role", "taken_at", "sound_heard", "ended_at", "ended_by",
              "relieved_by"),
    "handover": ("id", "shift_id", "from_username", "to_username", "offered_at", "note", "sheet"),
    "hold": ("id", "alert_id", "reason", "set_by", "set_at", "ended_at", "ended_by", "end_reason"),
    "incident": (
        "id", "number", "state", "kind", "class_group", "priority", "place", "ward", "lat", "lon",
        "agency", "area", "owner", "opened_at", "opened_by", "disposition", "report", "closed_by",
        "closed_at", "merged_into",
    ),
    "incident_member": ("id", "incident_id", "type", "member_id", "joined_at", "by", "words",
                        "agency", "area", "left_at", "left_by"),
    "call": ("id", "number", "year", "line", "kind", "caller", "place", "ward", "lat", "lon",
             "said", "at", "by", "agency", "area"),
    "assignment": ("id", "incident_id", "unit_id", "told", "way", "told_at", "told_by",
                   "read_back", "answered_at", "answer", "ended_at"),
    "camera_owner": ("id", "camera_id", "agency", "area", "until"),
    "situation_text": ("id", "period", "scope", "version", "text", "by", "at"),
}
# fmt: on
KEY: Mapping[str, str] = {
    table: columns[0] for table, columns in PROTECTED.items()
}  # the first column is the primary key


def place(table: str, key: str) -> str:
    """Under which name a seal stands in an entry."""
    return f"{table}:{key}"


def seal(table: str, values: Mapping[str, Any]) -> str:
    """Hexadecimal sha256 of a row's protected columns."""
    kept = [[name, _plain(values[name])] for name in PROTECTED[table]]
    text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> object:
    """One way only to write a value: a database turns whole numbers into others and back."""
    return value if value is None or isinstance(value, str | bool) else float(value)
