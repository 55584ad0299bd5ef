"""Prints the kinds of alert that the screens know before the centre has told them of its own.

Run as `python -m thapcanh.app.map.alert_kinds`; `npm run types` writes it beside the types of the
API.
"""

import json
import sys

from thapcanh.app.map.site_routes import published_kinds


def kinds_json() -> str:
    """The kinds as JSON, as `GET /site` has them."""
    shown = [one.model_dump(mode="json") for one in published_kinds()]
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(kinds_json())
