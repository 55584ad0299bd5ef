"""Types of query parameters that several routers share."""

import math
from datetime import datetime
from typing import Annotated

from fastapi import Request
from pydantic import AfterValidator, BeforeValidator

from app.web_api.errors import InvalidInput

_LATEST = 253402300799.0  # 9999-12-31, the last moment that can be written


def _moment(value: object) -> object:
    """ISO 8601 with an offset, or unix seconds."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset, e.g. Z")
    return moment.timestamp()


def _in_range(value: float) -> float:
    if not math.isfinite(value) or not 0 <= value <= _LATEST:
        raise ValueError("not a time that there is")
    return value


def refuse_words_in_address(request: Request) -> None:
    """Raise `InvalidInput` for `q`: addresses are kept in logs, and callers' words are not."""
    if "q" in request.query_params:
        raise InvalidInput("query.q", "extra_forbidden")


UtcTime = Annotated[float, BeforeValidator(_moment), AfterValidator(_in_range)]
