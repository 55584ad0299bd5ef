"""Generator of the built-in alert kinds for the screens."""

import json
import sys

from thapcanh.app.map.site_routes import published_kinds


def kinds_json() -> str:
    """Return the kinds as JSON, as in `GET /site`."""
    shown = [kind.model_dump(mode="json") for kind in published_kinds()]
    return json.dumps(shown, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(kinds_json())
