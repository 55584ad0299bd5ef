"""Names of parameters and fields of the API: whether they name a record with an owner."""

from collections.abc import Mapping
from typing import Any

from tests.app.web_api.centre import NOW
from tests.made_pdf import made_pdf

NOT_CALLED = {
    ("GET", "/stream"): "endless; test_sight_of_answers hears it",
    ("DELETE", "/session"): "would end the login of the walk",
    ("POST", "/session/password"): "one's own password",
    ("POST", "/second-factors/code"): "one's own factor",
    ("POST", "/second-factors/code/confirm"): "one's own factor",
    ("POST", "/second-factors/key"): "one's own factor",
    ("POST", "/second-factors/key/confirm"): "one's own factor",
}
OF_RECORDS = frozenset(  # names in paths that are ids of records with an owner
    {
        "alert_id", "area_id", "assignment_id", "call_id", "camera_id", "delivery_id",
        "device_id",
        "document_id", "drill_id", "duty_id", "entry_id", "evidence_id", "export_id", "facility_id",
        "factor_id", "handover_id", "hold_id", "incident_id", "incoming_id", "item_id", "link_id",
        "mark_id", "media_id", "message_id", "notice_id", "report_id", "revision", "shelf_id",
        "source_id",
        "shift_id", "target_id", "trial_id", "unit_id", "username",
    }
)  # fmt: skip
OF_NOBODY = {  # and those that are none: a part of the record before them, or the site's
    "begin_ms": "1", "number": "1", "viewer_id": "viewer", "path": "none.pmtiles",
    "source_type": "alert", "picture_id": "none",
}  # fmt: skip
FIELDS = frozenset(  # fields and queries that name records with an owner
    {
        "agencies", "agency", "alert", "call", "camera", "cameras", "csv",
        "device_id", "evidence",
        "facility", "first", "id", "ids", "incident", "incoming", "neighbour", "rule", "rules",
        "second",
        "target", "to", "unit", "units", "username", "watch_area",
    }
)  # fmt: skip
WORDS: Mapping[str, Any] = {  # fields and queries that name none
    "address": "10.0.0.1", "answer": "đã nhận", "area": "tay-ho", "areas": None,
    "at": "2026-11-24T20:06:40+00:00", "before": 1, "box": None, "call_id": "call-1",
    "caller": "0900000000", "channel": "zalo", "class": None, "colour": None, "cursor": None,
    "day": "2026-11-24", "timestamp": str(NOW), "days": 3, "direction": None, "disposition": "real",
    "ends_at": "2026-11-25T12:00:00+00:00", "fields": None, "hour": 12, "kind": None,
    "legal_basis": "QĐ 1", "line": "113", "name": "Tên", "network": None, "note": "ghi chú",
    "password": "x" * 12,
    "phone": "0900000001", "place": None, "preset": "1", "procedure": None, "purpose": "Vụ 12",
    "q": "khói", "reason": "lý do", "ref": None, "report": "báo cáo", "scenario": "scenario",
    "sender": "người gửi",
    "service": "http://10.0.0.1/onvif/device_service", "services": ["114"], "shift": None,
    "since": str(NOW - 3600), "starts_at": "2026-11-25T00:00:00+00:00", "station": "1",
    "step": "en_route", "text": "văn bản", "ticket": "x", "tls_pin": None, "token": "profile",
    "until": str(NOW + 3600), "url": None, "user": "u", "value": None, "version": "1",
    "way": "phone", "words": "cháy", "zone": None, "zones": [], "from": str(NOW - 60),
    "bbox": None, "datetime": None,
    "begins": str(NOW - 60), "ends": str(NOW), "begins_at": str(NOW), "lat": 21.0, "lon": 105.8,
    "after": None, "period": "day", "key": "0" * 32, "access": "cổng sau", "code": "000000",
    "contacts": [{"name": "Bảo vệ"}], "hazards": ["gas"], "hours": "cả ngày",
    "inspected_on": "2026-11-01", "account": "1A2B", "topic": "panels/1", "restores": None,
    "role": "chủ", "water": "ao", "format": "csv",
    "area_m2": 1, "cause": None, "damage_vnd": 1, "dead": 0, "injured": 0, "month": None,
    "draft": 1, "title": "Thông báo", "ward": None, "offset": 0,
    "part": "incidents", "premises": None, "quarter": None, "rescued": 0,
    "vehicles": 1, "water_m3": 1, "year": None,
    "more": None, "sent_at": "2026-11-24T20:06:40+00:00", "state": "on_scene",
    "told_at": "2026-11-24T20:06:40+00:00", "clock_from": "20:00", "clock_until": "06:00",
    "near": "21.03,105.85",
}  # fmt: skip
STRETCH = {"from": str(NOW - 60), "to": str(NOW)}  # elsewhere `to` is a person
LIVE = ("/mjpeg", "/still.jpg", "/whep")  # one's own would open the camera
RAW = {  # bodies that the document cannot describe
    ("POST", "/registry/cameras/import"): (
        ("csv", "id,name,source,agency\n{camera},x,rtsp://10.0.0.9/x,{own_agency}\n"),
        ("toml", '[[rules]]\nid = "{rule}"\nkind = "fire"\ncameras = ["{own_camera_id}"]\n'),
    ),
    ("POST", "/roster/import"): (("csv", "date,username\n2026-11-25,{username}\n"),),
    ("POST", "/facilities/import"): (
        ("csv", "code,name,kind,agency\nK-1,x,kho,{own_agency}\n"),
        ("csv", "code,name,kind,agency\nK-1,x,kho,{agency}\n"),
    ),
    ("POST", "/facilities/{facility_id}/documents"): ((None, made_pdf().decode()),),
    ("POST", "/crew/incidents/{incident_id}/media"): ((None, "GIF89a"),),
    ("POST", "/messages/{message_id}/media"): ((None, "GIF89a"),),
    ("POST", "/cap"): ((None, "<alert/>"),),
    ("POST", "/cameras/{camera_id}/whep"): ((None, "v=0"),),
}

BODIES: Mapping[tuple[str, str], tuple[dict[str, Any], ...]] = {  # what a schema does not say
    ("POST", "/registry/{kind}"): (
        {"id": "{camera}", "name": "x", "source": "rtsp://10.0.0.9/x", "agency": "{own_agency}"},
        {"id": "new", "name": "x", "source": "rtsp://10.0.0.9/x", "agency": "{agency}"},
        {"id": "new", "kind": "fire", "cameras": ["{own_camera_id}", "{camera}"]},
        {"id": "{agency}", "name": "x"},
    ),
    ("PATCH", "/registry/{kind}/{entry_id}"): (
        {"agency": "{agency}"},
        {"cameras": ["{own_camera_id}", "{camera}"]},
        {"name": "x"},
    ),
    ("POST", "/rule-trials"): ({"camera": "{camera}", "rule": {"kind": "fire"}},),
    ("POST", "/probe"): ({"camera": "{camera}"},),
    ("POST", "/watch-areas"): (
        {
            "name": "x", "purpose": "x", "legal_basis": "x", "rules": [{"kind": "crowd"}],
            "cameras": ["{own_camera_id}", "{camera}"], "starts_at": "2026-11-25T00:00:00Z",
            "ends_at": "2026-11-26T00:00:00Z",
        },
    ),
    ("POST", "/incidents/{incident_id}/join"): tuple(
        {"type": kind, "id": f"{{{kind}}}"} for kind in ("alert", "call", "incident")
    ),
    ("POST", "/incidents/{incident_id}/separate"): ({"type": "alert", "id": "{alert}"},),
}  # fmt: skip
