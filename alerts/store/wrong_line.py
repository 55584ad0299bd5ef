"""Errors in lines of uploaded files: a code and its facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongLine:
    """Error in a line, counted from 1."""

    line: int
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


class WrongCell(ValueError):
    """Unusable cell. `facts` fill the sentence; the cell's text is shortened."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = {name: _shown(name, value) for name, value in facts.items()}

    def on(self, line: int, written: Mapping[str, str] | None = None) -> WrongLine:
        """Return the error for a line; `written` are columns as the file names them."""
        column = str(self.facts.get("column", ""))
        remote = {"column": written[column]} if written and column in written else {}
        return WrongLine(line=line, code=self.code, facts=self.facts | remote)


def _shown(name: str, value: object) -> object:
    """Return a fact for display; the file's own text is shortened."""
    is_from_file = name in ("cell", "columns") and isinstance(value, str)
    return str(value)[:_LONGEST_SHOWN] if is_from_file else value
