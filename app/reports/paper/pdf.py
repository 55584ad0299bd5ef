"""PDF rendering of a document (A4) by fpdf2, with a Vietnamese font.

Recipients and signature never stand alone on a page: the closing sentence moves with them.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Literal

from fpdf import FPDF
from fpdf.enums import TableHeadingsDisplay, XPos, YPos
from fpdf.errors import FPDFException
from fpdf.fonts import FontFace, TTFFont

from thapcanh.alerts.evidence.fonts import Font, font_file
from thapcanh.app.reports.paper.content import (
    MOTTO,
    NATION,
    Block,
    Facts,
    Listing,
    Paper,
    Picture,
    Pictures,
    Prose,
)
from thapcanh.config.local_time import LOCAL_TZ

_FAMILY = "Liberation"
_STYLES = {"": Font.SERIF, "B": Font.SERIF_BOLD, "I": Font.SERIF_ITALIC}
_BODY_PT, _SMALL_PT = 10.5, 9
_LINE_MM = 5.2
_MARGINS_MM = (25, 15, 15)  # left, top, right; the left one is bound
_CLOSING_MM = 75  # closing sentence, recipients, room for the signature
_PICTURE_MM = 80
_FACT_NAMES = 0.34


class _Document(FPDF):
    """A4 document with page numbers."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(format="A4")
        for style, font in _STYLES.items():
            self.add_font(_FAMILY, style, font_file(font))
        left, top, right = _MARGINS_MM
        self.set_margins(left, top, right)
        self.set_auto_page_break(True, margin=18)
        self.set_title(f"{paper.title} - {paper.subject}")
        self.set_author(paper.agency)
        self.set_lang("vi-VN")
        self.set_creation_date(datetime.fromtimestamp(paper.made_at, UTC).astimezone(LOCAL_TZ))
        self._warning = paper.warning

    def close_fonts(self) -> None:
        """Close the fonts' files, which fpdf2 leaves open."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def header(self) -> None:
        """Print the drill warning on every page."""
        if self._warning:
            self.style("B", _BODY_PT)
            self.line_of(self._warning, align="C", border=1)
            self.ln(2)

    def footer(self) -> None:
        """Print the page number."""
        self.set_y(-14)
        self.style("", _SMALL_PT)
        self.cell(0, 6, f"Trang {self.page_no()}/{{nb}}", align="C")

    def style(self, style: str, size_pt: float) -> None:
        self.set_font(_FAMILY, style, size_pt)

    def line_of(self, text: str, *, align: str = "L", border: Literal[0, 1] = 0) -> None:
        """Print a paragraph over the whole width."""
        self.multi_cell(
            0, _LINE_MM, text, align=align, border=border, new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )


def pdf(paper: Paper) -> bytes:
    doc = _Document(paper)
    try:
        doc.add_page()
        _letterhead(doc, paper)
        for block in paper.blocks:
            _block(doc, block)
        _closing(doc, paper)
        return bytes(doc.output())
    finally:
        doc.close_fonts()


def _letterhead(doc: _Document, paper: Paper) -> None:
    """Agency and number on the left, nation, motto, place and date on the right."""
    half = doc.epw * 0.42
    top = doc.get_y()
    doc.style("B", _SMALL_PT)
    _centred(doc, 0, half, paper.agency.upper())
    _rule(doc, doc.l_margin + half / 2, 24)
    left_end = doc.get_y()
    doc.set_y(top)
    _centred(doc, half, doc.epw - half, NATION)
    doc.style("B", _BODY_PT)
    _centred(doc, half, doc.epw - half, MOTTO)
    _rule(doc, doc.l_margin + half + (doc.epw - half) / 2, 48)
    top = max(left_end, doc.get_y()) + 2
    doc.set_y(top)
    doc.style("", _BODY_PT)
    _centred(doc, 0, half, paper.number)
    doc.set_y(top)
    doc.style("I", _BODY_PT)
    _centred(doc, half, doc.epw - half, paper.dated)
    doc.ln(5)
    doc.style("B", 14)
    doc.line_of(paper.title, align="C")
    doc.style("B", _BODY_PT)
    doc.line_of(paper.subject, align="C")
    doc.ln(3)


def _centred(doc: _Document, left: float, width: float, text: str) -> None:
    doc.set_x(doc.l_margin + left)
    doc.multi_cell(width, _LINE_MM, text, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _rule(doc: _Document, middle: float, length: float) -> None:
    y = doc.get_y() + 0.5
    doc.line(middle - length / 2, y, middle + length / 2, y)


def _block(doc: _Document, block: Block) -> None:
    if doc.will_page_break(_LINE_MM * 4):  # a heading never stands alone
        doc.add_page()
    doc.style("B", _BODY_PT)
    doc.line_of(block.title)
    doc.ln(1)
    match block:
        case Facts():
            _table(doc, None, (_FACT_NAMES, 1 - _FACT_NAMES), block.rows)
        case Listing() if not block.rows:
            doc.style("", _BODY_PT)
            doc.line_of(block.empty)
        case Listing():
            _table(doc, block.heads, block.widths, block.rows)
        case Pictures():
            _pictures(doc, block)
        case Prose():
            doc.style("", _BODY_PT)
            doc.line_of(block.text)
    doc.ln(3)


def _table(
    doc: _Document,
    heads: Sequence[str] | None,
    widths: Sequence[float],
    rows: Iterable[Sequence[str]],
) -> None:
    doc.style("", _SMALL_PT)
    with doc.table(
        col_widths=tuple(widths),
        line_height=_LINE_MM * 0.9,
        align="LEFT",
        text_align="LEFT",
        first_row_as_headings=heads is not None,
        headings_style=FontFace(emphasis="BOLD"),
        repeat_headings=TableHeadingsDisplay.ON_TOP_OF_EVERY_PAGE,
        padding=1,
    ) as table:
        if heads is not None:
            table.row(tuple(heads))
        for row in rows:
            table.row(tuple(row))


def _pictures(doc: _Document, block: Pictures) -> None:
    """Print pictures in pairs with their captions."""
    gap = doc.epw - 2 * _PICTURE_MM
    for first in range(0, len(block.pictures), 2):
        pair = block.pictures[first : first + 2]
        if doc.will_page_break(_PICTURE_MM * 0.75 + 3 * _LINE_MM):
            doc.add_page()
        top, lowest = doc.get_y(), doc.get_y()
        for place, picture in enumerate(pair):
            left = doc.l_margin + place * (_PICTURE_MM + gap)
            lowest = max(lowest, _picture(doc, picture, left, top))
        doc.set_y(lowest + 2)


def _picture(doc: _Document, picture: Picture, left: float, top: float) -> float:
    """Draw a picture, and return its lower edge."""
    below, words = top, picture.words
    if picture.jpeg is not None:
        try:
            drawn = doc.image(BytesIO(picture.jpeg), left, top, w=_PICTURE_MM)
            below = top + drawn.rendered_height
        except (FPDFException, OSError, ValueError, ImportError):
            # ImportError: where ultralytics is loaded, Pillow asks for HEIF of what it cannot read
            words = f"{words} (không đọc được hình)"
    doc.set_xy(left, below + 1)
    doc.style("I", 8)
    doc.multi_cell(_PICTURE_MM, 4, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    return float(doc.get_y())


def _closing(doc: _Document, paper: Paper) -> None:
    if doc.will_page_break(_CLOSING_MM):
        doc.add_page()
    doc.style("", _BODY_PT)
    doc.line_of(paper.closing)
    doc.ln(4)
    top, half = doc.get_y(), doc.epw / 2
    doc.style("I", _SMALL_PT)
    doc.multi_cell(half, _LINE_MM, "Nơi nhận:", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    doc.style("", _SMALL_PT)
    for recipient in paper.recipients:
        doc.multi_cell(half, _LINE_MM, f"- {recipient}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    doc.set_xy(doc.l_margin + half, top)
    doc.style("B", _BODY_PT)
    doc.multi_cell(half, _LINE_MM, paper.signer, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    doc.set_x(doc.l_margin + half)
    doc.style("I", _SMALL_PT)
    doc.multi_cell(half, _LINE_MM, "(Ký, ghi rõ họ tên)", align="C")
