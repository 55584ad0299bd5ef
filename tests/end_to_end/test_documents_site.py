"""The documents as a centre serves them: read and searched in a browser, nothing from outside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Request, expect

from tests.app.web_api.centre import Centre, serving
from tests.made_archives import archive_at

pytestmark = pytest.mark.end_to_end
ROOT = Path(__file__).parents[2]


def _build(folder: Path) -> None:
    """As the build hook does, elsewhere. A wrong link or anchor fails it."""
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "--quiet", "build", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        check=True,
    )


def test_an_officer_finds_a_word_in_the_documents(browser: Browser, tmp_path: Path) -> None:
    archive = archive_at(tmp_path / "archive.sqlite")
    centre = Centre(archive=archive, folder=tmp_path)
    _build(tmp_path / "docs_dist")
    page = browser.new_page(locale="vi-VN")
    asked: list[str] = []
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(message.text)

    def note_request(request: Request) -> None:
        asked.append(request.url)

    page.on("console", note)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", note_request)
    with serving(centre) as served:
        page.goto(f"{served.address}/docs")
        expect(page.locator("article")).to_contain_text("theo dõi camera của một thành phố")
        page.locator(".md-search__input").fill("niêm phong")
        found = page.locator(".md-search-result__link", has_text="Hướng dẫn bàn trực")
        found.first.click()
        expect(page.locator("article")).to_contain_text("Lưu giữ theo yêu cầu (niêm phong)")
        page.wait_for_load_state("networkidle")
    page.close()
    archive.close()
    assert faults == []
    assert [url for url in asked if not url.startswith((served.address, "data:", "blob:"))] == []
