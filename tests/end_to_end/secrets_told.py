"""Looks for the passwords of a running site where they must not be.

In every answer of its API, and in every file it leaves, whichever way they are written.
"""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import httpx

from tests.app.web_api.endpoints import ENDPOINTS

CONFIGURATION = "thapcanh.toml"  # where they were written down by its author
_ITS_COPIES = "last-good-*.json"  # the same text, for a start with broken files
_ENDLESS = ("text/event-stream", "multipart/")
_ENDLESS_PATHS = ("/stream", "/mjpeg")


class Secrets:
    """What must not be told: passwords, and logins as `user:password`."""

    def __init__(self, *words: str) -> None:
        self._forms = {form: word for word in words for form in _forms(word)}

    def told_in(self, content: bytes) -> list[str]:
        """Which of them stand in it."""
        return sorted({word for form, word in self._forms.items() if form in content})

    def look_at_answer(self, answer: httpx.Response) -> None:
        """Fail when an answer of the API tells one; to be hung into a client."""
        if answer.headers.get("content-type", "").startswith(_ENDLESS):
            return
        content = answer.read() + repr(answer.headers).encode()
        assert self.told_in(content) == [], f"{answer.request.method} {answer.url} tells a secret"

    def look_at_files(self, folder: Path) -> int:
        """Fail when a file tells one: logs, archive, queue, spool, evidence. Returns how many."""
        files = [
            path for path in folder.rglob("*") if path.is_file() and path.name != CONFIGURATION
        ]
        for path in files:
            if path.match(_ITS_COPIES):
                assert path.stat().st_mode & 0o077 == 0, f"{path} can be read by others"
                continue
            assert self.told_in(path.read_bytes()) == [], f"{path} tells a secret"
        return len(files)


def ask_everything(http: httpx.Client) -> int:
    """Ask every endpoint that only reads and needs no id; returns how many."""
    asked = [
        path
        for method, path in ENDPOINTS
        if method == "GET" and "{" not in path and not path.endswith(_ENDLESS_PATHS)
    ]
    for path in asked:
        http.get(path)
    return len(asked)


def _forms(word: str) -> set[bytes]:
    """As text, in a URL, in JSON, and as a browser or camera is told a login."""
    texts = {word, quote(word, safe=""), quote(word), json.dumps(word)[1:-1]}
    return {text.encode() for text in texts} | {base64.b64encode(word.encode()).rstrip(b"=")}
