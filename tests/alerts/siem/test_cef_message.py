"""An entry of the action log as syslog and CEF: what is escaped, what stays inside."""

import dataclasses
import json
import re

from thapcanh.alerts.siem.cef_message import cef, details_text, severity, syslog_message
from thapcanh.alerts.store.action_log import LogRow

ROW = LogRow(
    seq=7,
    at=1_795_000_000.25,
    actor="an",
    role="operator",
    action="account_changed",
    object_id="a|b=c\\d",
    reason="khói\nhơi nước",
    note="gọi 0912345678",
    details="{}",
    prev_hash="0" * 64,
    hash="f" * 64,
)


def read_cef(text: str) -> tuple[list[str], dict[str, str]]:
    """Header and extension, as the CEF guide says that they are read."""
    *header, extension = re.split(r"(?<!\\)\|", text, maxsplit=7)
    found = re.findall(r"(\w+)=((?:\\.|[^=\\])*?)(?=\s\w+=|$)", extension)
    plain = {
        key: re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], value)
        for key, value in found
    }
    return header, plain


def test_a_message_is_rfc_5424_and_its_text_is_cef() -> None:
    message = syslog_message(ROW, "trực ban", "0.1.0").decode()
    head, _, said = message.partition("CEF:0|")
    assert re.fullmatch(
        r"<109>1 2026-11-18T\d\d:\d\d:\d\d\.250000Z tr_c_ban thapcanh - account_changed "
        r'\[origin software="thapcanh" swVersion="0\.1\.0"\] ',
        head,
    )
    header, fields = read_cef("CEF:0|" + said)
    assert header[1:] == ["Thap Canh", "thapcanh", "0.1.0", "account_changed",
                          "account changed", "5"]  # fmt: skip
    assert fields == {
        "rt": "1795000000250", "externalId": "7", "suser": "an", "spriv": "operator",
        "act": "account_changed", "reason": "khói\nhơi nước", "cs1Label": "object",
        "cs1": "a|b=c\\d", "cs2Label": "hash", "cs2": "f" * 64, "cs3Label": "details",
    }  # fmt: skip
    assert "\n" not in message
    assert "0912345678" not in message  # what officers wrote stays inside


def test_what_looks_like_a_secret_is_never_sent() -> None:
    details = {
        "password": "hush-1",
        "changes": [{"api_token": "hush-2", "url": "rtsp://u:hush-3@10.0.0.1/a?token=hush-4"}],
        "caller": {"number": "hush-5"},
        "has_key": True,
        "rows": 3,
    }
    row = dataclasses.replace(ROW, details=json.dumps(details))
    assert "hush" not in cef(row, "1")
    shown = json.loads(details_text(row.details))
    assert shown["rows"] == 3
    assert shown["has_key"] is True
    assert shown["changes"][0]["url"].startswith("rtsp://u:<secret>@10.0.0.1/a")
    assert len(details_text(json.dumps({"a": "x" * 9000}))) < 4200


def test_what_is_worse_counts_more() -> None:
    found = [severity(one) for one in ("account_guessed", "camera_removed", "logged_in", "opened")]
    assert found == [8, 6, 5, 3]
