"""Every sentence that the API says to a person, in both languages, by the error's machine name.

Braces are filled with facts that may be shown: names of fields, people, times; never a secret.
"""

from collections.abc import Mapping

from app.web_api.language import Language
from app.web_api.messages import (
    access,
    accounts,
    alerts,
    cameras,
    deliveries,
    exports,
    files,
    incidents,
    registry,
    reports,
    service,
    shifts,
)
from app.web_api.messages.fields import OTHER_PROBLEM, PROBLEMS

TEXTS: Mapping[str, tuple[str, str]] = {
    **access.TEXTS,
    **accounts.TEXTS,
    **service.TEXTS,
    **alerts.TEXTS,
    **cameras.TEXTS,
    **exports.TEXTS,
    **incidents.TEXTS,
    **shifts.TEXTS,
    **deliveries.TEXTS,
    **files.TEXTS,
    **registry.TEXTS,
    **reports.TEXTS,
}


def sentence(error: str, language: Language, facts: Mapping[str, object]) -> str:
    """Return the sentence of an error with its facts filled in."""
    return _in(TEXTS[error], language).format_map(facts)


def problem(kind: str, language: Language) -> str:
    """Return what is wrong with a field, in words."""
    return _in(PROBLEMS.get(kind, OTHER_PROBLEM), language)


def _in(pair: tuple[str, str], language: Language) -> str:
    return pair[0] if language is Language.VI else pair[1]
