"""Files of the screens from `web_dist`, and one page for all of their paths.

`/docs/` serves the documents, if installed.
"""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import OPEN
from thapcanh.app.web_api.errors import ApiError

PAGES = (
    "",
    "wall",
    "calls",
    "incidents",
    "cameras",
    "registry",
    "areas",
    "search",
    "history",
    "report",
    "map",
    "facilities",
    "login",
    "phone",
    "caller",
    "field",
    "settings",
)
_PERMISSIONS_POLICY = {  # pages of phones
    "phone": {"Permissions-Policy": "camera=(self), microphone=(), geolocation=()"},
    "field": {"Permissions-Policy": "camera=(self), microphone=(), geolocation=(self)"},
    "caller": {"Permissions-Policy": "camera=(self), microphone=(), geolocation=(self)"},
}
_FOR_EVER = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"
_NOT_BUILT = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Tháp Canh</title></head>
<body><h1>Tháp Canh</h1>
<p>Giao diện chưa được cài trong bản này. Máy chủ vẫn canh gác và ghi nhận cảnh báo.</p>
<p>Cách khắc phục: chạy <code>pip install .</code> (hoặc <code>make demo</code>) trong thư mục mã
nguồn rồi khởi động lại.</p>
<p lang="en">The screens are not built into this installation. The watch goes on. Run
<code>pip install .</code> in the source folder and restart.</p>
</body></html>
"""


def router(web_dist: Path, docs_dist: Path | None = None) -> APIRouter:
    """Return the route that serves everything that is not the API."""
    root = web_dist.resolve()
    documents = None if docs_dist is None else docs_dist.resolve()
    routes = APIRouter()

    @routes.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    @permits(OPEN)  # the front end's files; they hold no data of the site
    def file(path: str) -> Response:
        if documents is not None and (path == "docs" or path.startswith("docs/")):
            return _document(documents, path)
        return _served(root, path)

    return routes


def _served(root: Path, path: str) -> Response:
    if path == "api" or path.startswith("api/"):
        raise ApiError(404, "not_found")
    found = _file_below(root, path)
    if found is not None:
        cache = _FOR_EVER if path.startswith("assets/") else _REVALIDATE
        return FileResponse(found, headers={"Cache-Control": cache})
    name = path.strip("/").partition("/")[0]
    if name not in PAGES:
        raise ApiError(404, "not_found")
    page = _file_below(root, "index.html")
    if page is None:
        return HTMLResponse(_NOT_BUILT, 503, headers={"Cache-Control": "no-store"})
    policy = _PERMISSIONS_POLICY.get(name, {})
    return FileResponse(page, headers={"Cache-Control": _REVALIDATE} | policy)


def _document(root: Path, path: str) -> Response:
    if path == "docs":  # the pages' links begin at the folder
        return RedirectResponse("/docs/")
    found = _file_below(root, path.removeprefix("docs/") or "index.html")
    if found is None:
        raise ApiError(404, "not_found")
    return FileResponse(found, headers={"Cache-Control": _REVALIDATE})


def _file_below(root: Path, path: str) -> Path | None:
    """Return the file of this path; None if it is missing or outside the folder."""
    if not path or "\0" in path or "\\" in path:
        return None
    try:
        found = (root / path).resolve()
        return found if found.is_relative_to(root) and found.is_file() else None
    except (OSError, ValueError):  # a name too long for the disk, or no name at all
        return None
