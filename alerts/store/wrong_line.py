"""What is wrong with a line of a file that people send: a code and its facts, said elsewhere.

The reader's language is not known here; each code is a sentence `line_CODE` of the API's messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongLine:
    """One finding. `line` is counted from 1, as a spreadsheet does."""

    line: int
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


class WrongCell(ValueError):
    """A cell that cannot be used. `facts` fill the sentence; what the file says is shortened."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = {name: _shown(name, value) for name, value in facts.items()}

    def on(self, line: int, written: Mapping[str, str] | None = None) -> WrongLine:
        """The finding, once the line is known; `written` are columns as the file calls them."""
        column = str(self.facts.get("column", ""))
        theirs = {"column": written[column]} if written and column in written else {}
        return WrongLine(line=line, code=self.code, facts=self.facts | theirs)


def _shown(name: str, value: object) -> object:
    """A fact as a sentence shows it: what the file says (`cell`, `columns`) is shortened."""
    is_theirs = name in ("cell", "columns") and isinstance(value, str)
    return str(value)[:_LONGEST_SHOWN] if is_theirs else value
