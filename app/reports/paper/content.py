"""Content of an official document, independent of its format. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.config.site import Site

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Pairs of name and value; unknown ones are left out by the author."""

    title: str
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A table; `widths` are shares of the page width, `empty` is its text without rows."""

    title: str
    heads: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[str]]
    empty: str = "Không có."


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A JPEG with its caption; None if it is unavailable, as the caption says."""

    jpeg: bytes | None = field(repr=False)
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Pictures, two beside each other."""

    title: str
    pictures: Sequence[Picture]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """Text written by a person, in its paragraphs."""

    title: str
    text: str


Block = Facts | Listing | Pictures | Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """An official document. `code` is the kind in its number (BC: báo cáo); `warning` is on top."""

    agency: str
    place: str
    made_at: float
    code: str
    title: str
    subject: str
    blocks: Sequence[Block]
    closing: str
    recipients: Sequence[str]
    signer: str
    warning: str = ""

    @property
    def number(self) -> str:
        """The number's line; the office fills it in."""
        return f"Số: ………/{self.code}"

    @property
    def dated(self) -> str:
        """Where and on which day."""
        day = _local(self.made_at)
        return f"{self.place}, ngày {day:%d} tháng {day:%m} năm {day:%Y}"


def place_of(site: Site) -> str:
    """Return the site's only top-level area; dots to fill in otherwise."""
    roots = [area.name for area in site.areas if area.parent is None]
    return roots[0] if len(roots) == 1 else "…………"


def moment(at: float | None) -> str:
    """Return a local time as official documents write it."""
    return "" if at is None else f"{_local(at):%H:%M:%S %d/%m/%Y}"


def number(value: float) -> str:
    """Return a number in Vietnamese notation, 1.250.000,5, without trailing zeros."""
    whole, _, part = f"{value:,.3f}".partition(".")
    part = part.rstrip("0")
    return whole.replace(",", ".") + (f",{part}" if part else "")


def _local(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(LOCAL_TZ)
