"""What is said of a target that does not take its messages is said in Vietnamese too."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from thapcanh import alerts, app

ROOMS = (Path(*alerts.__path__) / "delivery", Path(*app.__path__) / "delivery")
WORDS = Path(*app.__path__) / "web" / "src" / "i18n" / "vi" / "deliveries.ts"
_MADE_BY = frozenset({"failed", "skipped"})


def test_every_sentence_about_a_target_has_vietnamese_words() -> None:
    forms = [re.compile(one) for one in re.findall(r"\[\s*/(.+)/,\s*'", WORDS.read_text("utf-8"))]
    said = [sentence for room in ROOMS for sentence in _sentences(room)]
    assert len(said) > 20
    assert [one for one in said if not any(form.search(one) for form in forms)] == []


def _sentences(room: Path) -> Iterator[str]:
    """Each text that an attempt is made with, where it stands in the call itself."""
    for path in sorted(room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[said, *_]) if name in _MADE_BY:
                    if text := _text(said):
                        yield text


def _text(node: ast.expr) -> str:
    """A literal with a number in place of what is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) if isinstance(part, ast.Constant) else "1" for part in parts)
    return ""
