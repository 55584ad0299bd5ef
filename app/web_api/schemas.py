"""Base classes and common schemas of the API; times are ISO 8601 (UTC, `Z`)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from thapcanh.alerts.store.plain_text import legible
from thapcanh.alerts.store.utc_time import utc_text
from thapcanh.config.wording import Wording

iso = utc_text
"""Unix seconds as `2026-11-24T01:02:03.004Z`."""
NO_NUL = r"^[^\x00]*$"
"""PostgreSQL holds every character but this."""
WORDS = r"^[^\x00]*\S[^\x00]*$"
"""The same, and not blank."""
_DEEPEST = 32  # lists within lists: several times what any form has


Time = Annotated[
    float,
    PlainSerializer(iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class ApiModel(BaseModel):
    """Base of what is sent out."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class SpokenModel(BaseModel):
    """Base of models with text for people; invisible characters are removed."""

    @model_validator(mode="before")
    @classmethod
    def _legible(cls, value: Any) -> Any:
        return _legible_in(value)


def _legible_in(value: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, list):
        return [_legible_in(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {name: _legible_in(item, depth + 1) for name, item in value.items()}
    return value


class PersonResponse(ApiModel):
    """Somebody, by account and by name."""

    username: str
    name: str


class ProblemResponse(ApiModel):
    """Every refusal: a name for machines, a sentence for people."""

    error: str
    detail: str


class WordingResponse(ApiModel):
    """The same words in both languages."""

    vi: str
    en: str


def wordings(words: Mapping[str, Wording]) -> dict[str, WordingResponse]:
    return {name: wording_response(item) for name, item in words.items()}


def wording_response(words: Wording) -> WordingResponse:
    """Return a text in both languages."""
    return WordingResponse(vi=words.vi, en=words.en)


More = Annotated[bool, Field(description="there are others, which are not listed")]
Row = TypeVar("Row")


def first_of(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], bool]:
    """Return the first `limit` rows, and whether there was one more."""
    return rows[:limit], len(rows) > limit
