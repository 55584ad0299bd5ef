"""The screens' files: the page for every path of theirs, caching by name, nothing from outside."""

import re
from pathlib import Path

import httpx
import pytest

from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import Centre
from tests.patience import PATIENCE_S
from thapcanh.app.centre.web.front_end import PAGES


@pytest.fixture(scope="module")
def built(standing_centre: Centre) -> Centre:
    """A centre whose screens are built."""
    centre = standing_centre
    assets = centre.web_dist / "assets"
    assets.mkdir(parents=True)
    (centre.web_dist / "index.html").write_text("<!doctype html><title>desk</title>")
    (centre.web_dist / "icon.svg").write_text("<svg/>")
    (assets / "index-3f2a.js").write_text("export {}")
    (centre.folder / "secret.txt").write_text("topsecret")
    documents = centre.folder / "docs_dist"
    (documents / "assets").mkdir(parents=True)
    (documents / "index.html").write_text("<!doctype html><title>documents</title>")
    (documents / "assets" / "bundle.js").write_text("0")
    return centre


ROUTES = Path(__file__).parents[4] / "app" / "web" / "src" / "shell" / "routes.ts"


def test_the_page_is_served_at_the_path_of_every_screen() -> None:
    """A screen that only `routes.ts` knows opens by a click, and is not found after a reload."""
    table = re.search(r"PATHS[^{]*\{(.*?)\n\};", ROUTES.read_text(encoding="utf-8"), re.DOTALL)
    assert table is not None
    screens = set(re.findall(r"'/([^']*)'", table.group(1)))
    assert screens | {"login"} == set(PAGES)


def _get(address: str, path: str) -> httpx.Response:
    return anonymous_get(address + path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/wall",
        "/cameras",
        "/history",
        "/report",
        "/login",
        "/cameras/cam-1",
        "/history?kind=fire",
        "/phone/a-code",
    ],
)
def test_every_path_of_the_screens_is_the_page(
    built: Centre, standing_address: str, path: str
) -> None:
    answer = _get(standing_address, path)
    assert answer.status_code == 200
    assert "<title>desk</title>" in answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_files_named_by_their_hash_are_kept_for_ever(built: Centre, standing_address: str) -> None:
    script = _get(standing_address, "/assets/index-3f2a.js")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "javascript" in script.headers["content-type"]
    assert _get(standing_address, "/icon.svg").headers["cache-control"] == "no-cache"


def test_only_the_page_of_a_phone_may_ask_for_a_lens(built: Centre, standing_address: str) -> None:
    def policy(path: str) -> str:
        return _get(standing_address, path).headers["permissions-policy"].partition(",")[0]

    assert policy("/phone/a-code") == "camera=(self)"
    assert {policy(path) for path in ("/", "/cameras", "/icon.svg")} == {"camera=()"}


def test_head_is_answered(built: Centre, standing_address: str) -> None:
    assert httpx.head(standing_address + "/", trust_env=False).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nothing", "/assets/nothing.js", "/assets/", "/api", "/api/v1", "/api/v2/alerts",
        "/docs/none.html", "/docs/assets", "/docs/..%2fsecret.txt", "/redoc", "/openapi.json",
        "/.env", "/%00", "/..%5c..%5csecret.txt",
        "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt",
        "/assets%2f..%2f..%2fsecret.txt", "//etc/hostname", "/" + "x" * 5000,
    ],
)  # fmt: skip
def test_anything_else_is_not_there(built: Centre, standing_address: str, path: str) -> None:
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        answer = client.get(httpx.URL(standing_address, raw_path=path.encode()))
    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"
    assert "topsecret" not in answer.text


def test_the_documents_are_below_their_path(built: Centre, standing_address: str) -> None:
    sent = _get(standing_address, "/docs")
    assert (sent.status_code, sent.headers["location"]) == (307, "/docs/")
    page = _get(standing_address, "/docs/")
    assert "<title>documents</title>" in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    script = _get(standing_address, "/docs/assets/bundle.js")
    assert (script.status_code, script.headers["cache-control"]) == (200, "no-cache")


def test_a_centre_without_built_documents_has_none(address: str) -> None:
    assert _get(address, "/docs/").status_code == 404


def test_a_link_does_not_lead_out(built: Centre, standing_address: str) -> None:
    (built.web_dist / "link.txt").symlink_to(built.folder / "secret.txt")
    assert _get(standing_address, "/link.txt").status_code == 404


def test_screens_that_are_not_built_say_so_in_vietnamese(address: str) -> None:
    answer = _get(address, "/")
    assert answer.status_code == 503
    assert "Giao diện chưa được cài" in answer.text
    assert answer.headers["cache-control"] == "no-store"
