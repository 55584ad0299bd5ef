"""Takes the pictures of the documents, in the size that all of them have."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from tests.end_to_end.drill import Drill, Seat

INTO = Path(__file__).resolve().parents[2] / "docs" / "pictures"
SIZE = (1600, 900)


class Shooter:
    """Writes pictures of pages; only those that were asked for, if any were named."""

    def __init__(self, wanted: list[str]) -> None:
        self.wanted = wanted
        self.made: list[str] = []

    def shoot(self, name: str, what: Page | Locator) -> None:
        """Write one picture, once what moves has come to rest."""
        if self.wanted and name not in self.wanted:
            return
        page = what if isinstance(what, Page) else what.page
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(1500)
        picture = Image.open(io.BytesIO(what.screenshot())).convert("RGB")
        colours = picture.quantize(256, method=Image.Quantize.MEDIANCUT)
        colours.save(INTO / f"{name}.png", optimize=True)
        self.made.append(name)


def seated(browser: Browser, drill: Drill) -> Seat:
    """A browser of one person, of the pictures' size."""
    seat = Seat(browser, drill.address)
    seat.page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
    return seat
