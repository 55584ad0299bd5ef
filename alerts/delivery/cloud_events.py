"""CloudEvents 1.0 in JSON, for webhooks and MQTT."""

import json
from datetime import UTC, datetime
from typing import Any

from thapcanh.alerts.store.outbox.outgoing import OutgoingEvent

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


def envelope(event: OutgoingEvent, delivery_id: str, source: str) -> dict[str, Any]:
    """Return the event as a CloudEvent; `source` names the site."""
    return {
        "specversion": "1.0",
        "id": delivery_id,
        "source": source,
        "type": event.type,
        "subject": event.subject,
        "time": datetime.fromtimestamp(event.at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        "datacontenttype": "application/json",
        "sequence": f"{event.seq:012d}",
        "exercise": event.exercise,
        "data": dict(event.data),
    }


def body(event: OutgoingEvent, delivery_id: str, source: str) -> bytes:
    form = envelope(event, delivery_id, source)
    return json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode()


def source_of(site_name: str) -> str:
    """Return a URI reference for a site's name."""
    from urllib.parse import quote

    return f"/thapcanh/{quote(site_name, safe='')}"
