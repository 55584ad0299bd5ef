"""Fonts for pictures and documents, with all Vietnamese marks."""

from enum import StrEnum
from pathlib import Path

_FOLDER = Path(__file__).with_name("typefaces")


class Font(StrEnum):
    """A typeface by its file."""

    SANS_BOLD = "LiberationSans-Bold.ttf"
    SERIF = "LiberationSerif-Regular.ttf"
    SERIF_BOLD = "LiberationSerif-Bold.ttf"
    SERIF_ITALIC = "LiberationSerif-Italic.ttf"


def font_file(font: Font) -> Path:
    return _FOLDER / font
