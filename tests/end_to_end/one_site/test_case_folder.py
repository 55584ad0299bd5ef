"""A case leaves as a sealed folder and as a record, as an officer takes them; proven offline."""

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pypdf import PdfReader

from tests.end_to_end.running_site import PASSWORD, RunningSite, eventually

pytestmark = pytest.mark.end_to_end


def test_the_case_folder_of_a_real_fire_is_proven_offline(
    browser: Browser, watch: RunningSite, tmp_path: Path
) -> None:
    def filmed() -> dict[str, Any] | None:
        found = desk.alerts(camera="fire")
        return found[0] if found and found[0]["clip"] else None

    with watch.desk() as desk:
        alert = eventually(filmed, 90.0, "an alert with a film")
    context = browser.new_context(locale="vi-VN", viewport={"width": 1920, "height": 1080})
    try:
        page = context.new_page()
        page.goto(f"{watch.url}/history/{alert['id']}")
        page.locator("input[type=text]").fill("admin")
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        page.wait_for_function("() => document.querySelector('video')?.readyState >= 1")
        with page.expect_download(timeout=180_000) as saved:
            page.get_by_role("button", name="Tải hồ sơ niêm phong").click()
            page.get_by_role("button", name="Tải về").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        with page.expect_download(timeout=180_000) as record:
            page.get_by_role("button", name="Hồ sơ (PDF)").click()
            page.get_by_label("Không làm mờ").check()
            page.get_by_label("Mục đích").fill("Vụ 12/2026")
            page.get_by_role("button", name="Tải về").click()
        assert alert["number"] in PdfReader(record.value.path()).pages[0].extract_text()
        with zipfile.ZipFile(saved.value.path()) as case:
            case.extractall(tmp_path)
    finally:
        context.close()
    folder = tmp_path / alert["number"]
    names = {path.name for path in folder.iterdir()}
    assert {"manifest.json", "action_log.json", "alert.json", "event_manifest.json"} <= names
    assert verified(folder).returncode == 0
    film = next(path for path in folder.iterdir() if path.name.endswith(".da-lam-mo.mp4"))
    content = bytearray(film.read_bytes())
    content[len(content) // 2] ^= 1
    film.write_bytes(content)
    broken = verified(folder)
    assert broken.returncode == 1
    assert f"{film.name}: changed" in broken.stdout


def verified(folder: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "thapcanh", "verify", str(folder)]
    return subprocess.run(words, capture_output=True, text=True, check=False)
