"""Earlier forms of row seals."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from thapcanh.alerts.store.seals.sealed_tables import TODAY, SealForm

EVERY_COLUMN = "0029_signed_log"  # schemas are in the order of their names
# fmt: off
_SIGHTED = SealForm(  # what sightings change on an alert was not sealed
    tables=frozenset(TODAY.tables) | {"episode_event", "recorded_span"},
    columns={
        **TODAY.columns,
        "alert": (
            "episode_open", "version", "condition", "cleared_at", "detections", "unchecked",
            "largest_area", "confidence", "label", "last_seen_at", "reason", "belief", "reasons",
            "box_x", "box_y", "box_w", "box_h", "spoke_at", "spoke_reason", "spoken_priority",
            "spoken_area", "evidence_error", "shelf_id", "shelved_until", "pushed_at",
            "rendered_at",
        ),
        "incident": ("version", "last_at"),
    },
)
# fmt: on
_SEALS = "seals"  # in an entry's details, by `table:key`

# fmt: off
_COLUMNS: Mapping[str, tuple[str, ...]] = {
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


def form_of(revision: str) -> SealForm:
    """Return the form of seals of a schema's programs."""
    return TODAY if revision >= EVERY_COLUMN else _SIGHTED


def said(details: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Table, key and seal of each row that an entry vouches for."""
    seals = details.get(_SEALS)
    for name, seal in seals.items() if isinstance(seals, dict) else ():
        table, _, key = name.partition(":")
        if table in _COLUMNS:
            yield table, key, seal


def seal_of(table: str, row: Mapping[str, Any]) -> str:
    """Hexadecimal sha256 of the columns that were sealed."""
    retained = [[name, _plain(row.get(name))] for name in _COLUMNS[table]]
    text = json.dumps(retained, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> object:
    """Return a value in canonical form: databases change the type of whole numbers."""
    return value if value is None or isinstance(value, str | bool) else float(value)
