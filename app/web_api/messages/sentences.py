"""All messages of the API in both languages, by error name.

Braces are filled with facts that may be shown: field names, people, times; never secrets.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module

from thapcanh.app.web_api import messages
from thapcanh.app.web_api.language import Language
from thapcanh.config.kinds import modules_in


def _found() -> Mapping[str, tuple[str, str]]:
    """Return `TEXTS` of every module beside this one; two of one name are a mistake."""
    texts: dict[str, tuple[str, str]] = {}
    for found in modules_in(messages):
        if found.name != __name__:
            own = getattr(import_module(found.name), "TEXTS", {})
            if twice := texts.keys() & own.keys():
                raise ValueError(f"{found.name}: another module has {sorted(twice)} too")
            texts |= own
    return texts


TEXTS = _found()


PROBLEMS: Mapping[str, tuple[str, str]] = {
    "missing": ("bắt buộc phải có", "is required"),
    "extra_forbidden": ("không được có ở đây", "is not known here"),
    "json_invalid": ("không phải JSON hợp lệ", "is not valid JSON"),
    "string_type": ("phải là chuỗi ký tự", "must be a text"),
    "string_too_short": ("quá ngắn", "is too short"),
    "string_too_long": ("quá dài", "is too long"),
    "string_pattern_mismatch": ("sai định dạng", "has the wrong form"),
    "int_parsing": ("phải là số nguyên", "must be a whole number"),
    "int_type": ("phải là số nguyên", "must be a whole number"),
    "float_parsing": ("phải là số", "must be a number"),
    "greater_than_equal": ("quá nhỏ", "is too small"),
    "less_than_equal": ("quá lớn", "is too large"),
    "enum": ("không nằm trong các giá trị cho phép", "is not one of the allowed values"),
    "literal_error": ("không nằm trong các giá trị cho phép", "is not one of the allowed values"),
    "model_attributes_type": ("phải là một đối tượng JSON", "must be a JSON object"),
    "dict_type": ("phải là một đối tượng JSON", "must be a JSON object"),
}
OTHER_PROBLEM = ("giá trị không hợp lệ", "is not valid")


@dataclass(frozen=True, slots=True)
class InnerSentence:
    """Translatable fact: its name, and its own facts."""

    name: str
    facts: Mapping[str, object] = field(default_factory=dict)


def sentence(error: str, language: Language, facts: Mapping[str, object]) -> str:
    texts = {
        name: sentence(fact.name, language, fact.facts) if isinstance(fact, InnerSentence) else fact
        for name, fact in facts.items()
    }
    return _in(TEXTS[error], language).format_map(texts)


def problem(kind: str, language: Language) -> str:
    """Return what is wrong with a field, in words."""
    return _in(PROBLEMS.get(kind, OTHER_PROBLEM), language)


def _in(pair: tuple[str, str], language: Language) -> str:
    return pair[0] if language is Language.VI else pair[1]
