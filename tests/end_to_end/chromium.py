"""A Chromium that ends with a block, and what it can be told."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Playwright

NO_GRAPHICS = ("--disable-gpu",)
SOFTWARE_GL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
FAKE_LENS = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@contextmanager
def launched(playwright: Playwright, *options: str) -> Iterator[Browser]:
    """One with these options of its command line."""
    browser = playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox", *options]
    )
    try:
        yield browser
    finally:
        browser.close()
