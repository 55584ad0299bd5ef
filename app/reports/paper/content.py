"""What stands on an official paper, apart from how it is written. Pure.

The layout is that of Decree 30/2020/NĐ-CP: national name and motto, the issuing agency, number,
place and date, the title, the content; recipients and signature close the last page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.config.site import Site

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Pairs of a name and what is so; what is not known is left out by who makes them."""

    title: str
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A table; `widths` are shares of the paper's width, `empty` what is said where none is."""

    title: str
    heads: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[str]]
    empty: str = "Không có."


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A JPEG with what is said below it; None where it cannot be shown, which the words say."""

    jpeg: bytes | None = field(repr=False)
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Pictures, two beside each other."""

    title: str
    pictures: Sequence[Picture]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """What somebody wrote, in paragraphs as they wrote them."""

    title: str
    text: str


Block = Facts | Listing | Pictures | Prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper. `code` is the kind in its number (BC: báo cáo); `warning` stands above all."""

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
    """The site's own place: its one area that lies in no other; dots to fill in otherwise."""
    roots = [area.name for area in site.areas if area.parent is None]
    return roots[0] if len(roots) == 1 else "…………"


def moment(at: float | None) -> str:
    """A time of Hà Nội's clock as papers write it."""
    return "" if at is None else f"{_local(at):%H:%M:%S %d/%m/%Y}"


def number(value: float) -> str:
    """A number as Vietnamese papers write it, 1.250.000,5: no zeros at its end."""
    whole, _, part = f"{value:,.3f}".partition(".")
    part = part.rstrip("0")
    return whole.replace(",", ".") + (f",{part}" if part else "")


def _local(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(LOCAL_TZ)
