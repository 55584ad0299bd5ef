"""Reasons of a belief as a text column."""

import json

Reasons = tuple[tuple[str, float], ...]


def to_column(reasons: Reasons) -> str | None:
    """JSON of weight by name; None where there is no reason."""
    return json.dumps(dict(reasons), separators=(",", ":")) if reasons else None


def from_column(text: str | None) -> Reasons:
    """Return the reasons in their original order."""
    return tuple((name, float(weight)) for name, weight in json.loads(text or "{}").items())
