"""Errors of the API: `ApiError`, answered as `{"error", "detail", ...}`."""

import logging
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Scope as AsgiScope

from thapcanh.alerts.store.errors import ArchiveError, QueueError
from thapcanh.app.web_api.language import Language, chosen
from thapcanh.app.web_api.messages.sentences import problem, sentence

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024  # the longest honest body is a rejection with a note
_RETRY_SOON = {"Retry-After": "2"}
_LONGEST_NAME = 60


@runtime_checkable
class InReadersLanguage(Protocol):
    """Fact of an error that is translated when the reader's language is known."""

    def said(self, language: Language) -> str: ...


class InvalidInput(Exception):
    """A field that is wrong, found outside the models; `kind` is a type of error of pydantic."""

    def __init__(self, place: str, kind: str) -> None:
        super().__init__(place)
        self.place = place
        self.kind = kind


class ApiError(Exception):
    """A request that is not served: `facts` fill the sentence, `extra` joins the answer's body."""

    def __init__(
        self,
        status: int,
        error: str,
        *,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        **facts: object,
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})
        self.facts = facts


def words_of(refused: ApiError, accept_language: str | None, default: Language) -> str:
    """Return an error's sentence in the reader's language."""
    return _words(refused, chosen(accept_language, default))


def _words(refused: ApiError, language: Language) -> str:
    return sentence(refused.error, language, _stated(refused.facts, language))


def _stated(value: Any, language: Language) -> Any:
    match value:
        case Mapping():
            return {key: _stated(item, language) for key, item in value.items()}
        case list():
            return [_stated(item, language) for item in value]
        case InReadersLanguage():
            return value.said(language)
        case _:
            return value


def answer(refused: ApiError, accept_language: str | None, default: Language) -> JSONResponse:
    language = chosen(accept_language, default)
    detail = _words(refused, language)
    body = {"error": refused.error, "detail": detail, **_stated(refused.extra, language)}
    headers = {**refused.headers, "Vary": "Accept-Language"}
    return JSONResponse(body, refused.status, headers=headers)


def answer_in(scope: AsgiScope, refused: ApiError, default: Language) -> JSONResponse:
    """Return the response outside the web framework, from the raw request."""
    values = dict(scope["headers"])
    return answer(refused, values.get(b"accept-language", b"").decode("latin-1"), default)


def install(app: FastAPI, default: Language) -> None:
    """Make the app answer every error in our form."""

    def speak(request: Request, refused: ApiError) -> JSONResponse:
        return answer(refused, request.headers.get("accept-language"), default)

    def language_of(request: Request) -> Language:
        return chosen(request.headers.get("accept-language"), default)

    @app.exception_handler(ApiError)
    async def refuse(request: Request, refused: ApiError) -> JSONResponse:
        return speak(request, refused)

    @app.exception_handler(RequestValidationError)
    async def unfit(request: Request, error: RequestValidationError) -> JSONResponse:
        return speak(request, _first_problem(error, language_of(request)))

    @app.exception_handler(InvalidInput)
    async def invalid(request: Request, error: InvalidInput) -> JSONResponse:
        return speak(request, _problem(error.place, error.kind, language_of(request)))

    @app.exception_handler(HTTPException)
    async def web(request: Request, error: HTTPException) -> JSONResponse:
        return speak(request, _of_web_error(request, error))

    @app.exception_handler(ArchiveError)
    @app.exception_handler(QueueError)
    async def outage(request: Request, error: ArchiveError | QueueError) -> JSONResponse:
        return speak(request, of_outage(error))


def _first_problem(error: RequestValidationError, language: Language) -> ApiError:
    """Return the first invalid field as an error, without what was sent."""
    first = error.errors()[0]
    steps = [str(step)[:_LONGEST_NAME] for step in first["loc"]]
    if first["type"] == "json_invalid":  # where in the text it broke tells a person nothing
        steps = steps[:1]
    return _problem(".".join(steps), first["type"], language)


def _problem(place: str, kind: str, language: Language) -> ApiError:
    """`body.password` is called `password` in the sentence."""
    field = place.partition(".")[2] or place
    return ApiError(
        422, "invalid_input", extra={"field": place}, field=field, problem=problem(kind, language)
    )


def _of_web_error(request: Request, error: HTTPException) -> ApiError:
    headers = dict(error.headers or {})
    if error.status_code == 404:
        return ApiError(404, "not_found")
    if error.status_code == 405:
        return ApiError(405, "method_not_allowed", headers=headers, method=request.method)
    if error.status_code == 408:
        return ApiError(408, "too_slow", headers={"Connection": "close"})
    if error.status_code == 413:
        return ApiError(413, "too_large", headers=headers, limit=MAX_BODY_BYTES)
    if error.status_code == 400:  # a body that cannot be read as what it says it is
        return ApiError(400, "unreadable")
    return ApiError(error.status_code, "internal", headers=headers)


def of_outage(error: ArchiveError | QueueError) -> ApiError:
    which = "archive" if isinstance(error, ArchiveError) else "queue"
    if error.retry_helps:
        log.warning("%s: %s", which, error)
    else:
        log.error("%s: %s", which, error, exc_info=error)
    return ApiError(503, f"{which}_unavailable", headers=_RETRY_SOON)
