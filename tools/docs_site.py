"""MkDocs' hook: makes a site of documents that are read in the repository as well.

The root's pages join those of `docs/`, decisions end the navigation, a link to what is no page
becomes its text, and scripts within pages become files: the centre's policy runs no others.
"""

import hashlib
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

OF_THE_ROOT = {  # file of the repository: page of the site
    "README.vi.md": "index.md",
    "README.md": "overview.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
}
SHOWN = {".md", ".png"}
_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)")
_SCRIPT = re.compile(r"<script>(.+?)</script>", re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the decisions at the navigation's end."""
    folder = Path(config.docs_dir)
    decisions = [f"adr/{path.name}" for path in sorted((folder / "adr").glob("*.md"))]
    config.nav = [*(config.nav or ()), {"Decisions": decisions}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the root."""
    root = Path(config.docs_dir).parent
    for name, page in OF_THE_ROOT.items():
        text = (root / name).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: object) -> str:
    """Return the page with its links adapted to the site."""
    pages = {page: name for name, page in OF_THE_ROOT.items()}
    folder = posixpath.dirname(pages.get(page.file.src_uri, f"docs/{page.file.src_uri}"))

    def of_site(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, link[1]))
        target = OF_THE_ROOT.get(path, path.removeprefix("docs/"))
        if files.get_file_from_path(target) is None or posixpath.splitext(path)[1] not in SHOWN:
            return "]()"
        start = posixpath.dirname(page.file.src_uri) or "."
        return f"]({posixpath.relpath(target, start)}{link[2] or ''})"

    return re.sub(r"(?<!!)\[([^\]]*)\]\(\)", r"\1", _LINK.sub(of_site, markdown))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Return the page with its inline scripts moved to files."""
    return _scripts_apart(output, page.url, config)


def on_post_build(config: MkDocsConfig) -> None:
    """Leave out what needs the site's address."""
    for name in ("404.html", "sitemap.xml", "sitemap.xml.gz"):
        (Path(config.site_dir) / name).unlink(missing_ok=True)


def _scripts_apart(text: str, url: str, config: MkDocsConfig) -> str:
    folder = Path(config.site_dir) / "assets" / "javascripts"

    def apart(script: re.Match[str]) -> str:
        name = f"page.{hashlib.sha256(script[1].encode()).hexdigest()[:16]}.js"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(script[1], encoding="utf-8")
        base = posixpath.relpath("assets/javascripts", posixpath.dirname(url) or ".")
        return f'<script src="{base}/{name}"></script>'

    return _SCRIPT.sub(apart, text)
