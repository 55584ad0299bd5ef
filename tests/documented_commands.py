"""Commands as the documents show them: in a code span, or alone on a line of a code block."""

import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
_SHOWN = re.compile(
    r"`((?:thapcanh|make|python -m) [^`]*)`|^(?: {4})?((?:thapcanh|make|python -m) [^`]*)$"
)
_REST = re.compile(r"\s+(#|\(|\||>|&|;).*$")  # a remark, or what the shell does with it
_ELLIPSIS = {"…", "..."}


@dataclass(frozen=True, slots=True)
class DocumentedCommand:
    """One command and where it stands."""

    place: str
    words: tuple[str, ...]

    @property
    def program(self) -> str:
        return self.words[0]

    def __str__(self) -> str:
        return f"{self.place}: {shlex.join(self.words)}"


def documents() -> list[Path]:
    """All documents but decisions, which say what was true on their day."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("detection/weights/*.md")]
    return sorted(path for path in found if path.name != "CHANGELOG.md")


@cache
def documented_commands() -> tuple[DocumentedCommand, ...]:
    """Each command once, with the first place that shows it."""
    found: dict[tuple[str, ...], str] = {}
    for path in documents():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for span, alone in _SHOWN.findall(line):
                place = f"{path.relative_to(ROOT)}:{number}"
                found.setdefault(_words(span or alone), place)
    return tuple(DocumentedCommand(place, words) for words, place in found.items())


def _words(text: str) -> tuple[str, ...]:
    words = shlex.split(_REST.sub("", text))
    return tuple(word.rstrip("…") for word in words if word not in _ELLIPSIS)
