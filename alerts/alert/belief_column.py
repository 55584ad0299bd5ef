"""The reasons of a belief as one text column, and back."""

import json

Reasons = tuple[tuple[str, float], ...]


def to_column(reasons: Reasons) -> str | None:
    """JSON of weight by name; None where there is no reason."""
    return json.dumps(dict(reasons), separators=(",", ":")) if reasons else None


def from_column(text: str | None) -> Reasons:
    """The reasons in the order in which they were told."""
    return tuple((name, float(weight)) for name, weight in json.loads(text or "{}").items())
