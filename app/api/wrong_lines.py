"""Findings of a file that was sent, in the language of who sent it."""

from collections.abc import Iterable

from fastapi import Request

from alerts.wrong_line import WrongLine
from app.api.app_state import AppState
from app.api.language import Language, chosen
from app.api.messages.sentences import sentence


def reader_language(request: Request, here: AppState) -> Language:
    """The language that the reader of an answer wants, or else the site's."""
    default = Language(here.services.site().site.locale)
    return chosen(request.headers.get("accept-language"), default)


def said(wrong: WrongLine, language: Language) -> str:
    """What is wrong with a line, in words."""
    return sentence(f"line_{wrong.code}", language, wrong.facts)


def said_with_numbers(found: Iterable[WrongLine], language: Language) -> list[str]:
    """Each finding with its line's number before it."""
    return [
        sentence("line_numbered", language, {"line": one.line, "problem": said(one, language)})
        for one in found
    ]
