"""Findings of a file that was sent, in the language of who sent it."""

from collections.abc import Iterable

from fastapi import Request

from thapcanh.alerts.store.wrong_line import WrongLine
from thapcanh.app.registry.import_files import ImportUnreadable, LineProblem
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.language import Language, chosen
from thapcanh.app.web_api.messages.files import COLUMN_WORDS
from thapcanh.app.web_api.messages.findings import finding_in
from thapcanh.app.web_api.messages.sentences import sentence


def reader_language(request: Request, state: AppState) -> Language:
    default = Language(state.services.site().site.locale)
    return chosen(request.headers.get("accept-language"), default)


def said(wrong: WrongLine, language: Language) -> str:
    """Return the problem of a line as text."""
    facts = dict(wrong.facts)
    named = COLUMN_WORDS.get(str(facts.get("column", "")))
    if wrong.code == "column_missing" and named is not None:  # others are called as in the file
        facts["column"] = named[0 if language is Language.VI else 1]
    return sentence(f"line_{wrong.code}", language, facts)


def numbered_texts(found: Iterable[WrongLine], language: Language) -> list[str]:
    return [
        sentence("line_numbered", language, {"line": item.line, "problem": said(item, language)})
        for item in found
    ]


def unreadable(error: ImportUnreadable, language: Language) -> ApiError:
    why = sentence(f"file_{error.code}", language, error.facts)
    return ApiError(422, "import_unreadable", problem=why)


def import_problem_text(problem: LineProblem, language: Language) -> str:
    """Return the problem of a camera file's line as text."""
    if problem.code is None:
        return finding_in(problem.message, language)
    return sentence(f"file_{problem.code}", language, problem.facts)
