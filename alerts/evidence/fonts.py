"""Where the letters come from that pictures and papers are written with: all Vietnamese marks.

DejaVu (its own free licence) is installed with matplotlib, which is not imported for it.
"""

from enum import StrEnum
from functools import cache
from importlib.util import find_spec
from pathlib import Path


class Font(StrEnum):
    """A typeface by its file."""

    SANS_BOLD = "DejaVuSans-Bold.ttf"
    SERIF = "DejaVuSerif.ttf"
    SERIF_BOLD = "DejaVuSerif-Bold.ttf"
    SERIF_ITALIC = "DejaVuSerif-Italic.ttf"


@cache
def font_file(font: Font) -> Path:
    """Return the file of a typeface. Raises `FileNotFoundError` where matplotlib has it no more."""
    found = find_spec("matplotlib")
    for folder in (found.submodule_search_locations if found else None) or ():
        path = Path(folder) / "mpl-data" / "fonts" / "ttf" / font.value
        if path.is_file():
            return path
    raise FileNotFoundError(f"matplotlib brings no {font.value}: install it again")
