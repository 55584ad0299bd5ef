"""Firefox, driven by its own Marionette protocol: no driver program, no package, one socket.

A message is `LENGTH:JSON`; a command is `[0, number, name, parameters]`, its answer
`[1, number, error, value]` (firefox-source-docs.mozilla.org/testing/marionette/Protocol.html).
"""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE_S
from thapcanh.app.process.free_port import free_port

PROGRAM = shutil.which("firefox-esr")
_WITHIN_S = PATIENCE_S


class Firefox:
    """One window."""

    def __init__(self, port: int) -> None:
        self._socket = _connected(port)
        self._file = self._socket.makefile("rb")
        self._numbers = count(1)
        self._read()  # the greeting
        self("NewSession", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})

    def __call__(self, command: str, **parameters: Any) -> Any:
        """Give a WebDriver command and return its value."""
        sent = json.dumps([0, next(self._numbers), f"WebDriver:{command}", parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(sent), sent))
        _, _, error, value = self._read()
        assert error is None, error
        return value.get("value") if isinstance(value, dict) else value

    def run(self, script: str, *given: object) -> Any:
        """Run the body of a function in the page."""
        return self("ExecuteScript", script=script, args=list(given))

    def until(self, script: str, *given: object) -> Any:
        """Wait until the body of a function returns something, and return it."""
        ends = time.monotonic() + _WITHIN_S
        while not (found := self.run(script, *given)):
            assert time.monotonic() < ends, f"not within {_WITHIN_S:g} s: {script}"
            time.sleep(0.2)
        return found

    def fill(self, selector: str, text: str) -> None:
        """Type into a field, as its page hears of it."""
        self.until(
            "const field = document.querySelector(arguments[0]); if (!field) return false;"
            "field.value = arguments[1];"
            "field.dispatchEvent(new Event('input', { bubbles: true })); return true;",
            selector,
            text,
        )

    def click(self, selector: str) -> None:
        """Click once it is there."""
        self.until(
            "const found = document.querySelector(arguments[0]); found?.click(); return !!found;",
            selector,
        )

    def text(self) -> str:
        """All that the page shows."""
        return str(self.run("return document.body.innerText"))

    def close(self) -> None:
        """Leave the browser."""
        self._file.close()
        self._socket.close()

    def _read(self) -> Any:
        length = b""
        while (byte := self._file.read(1)) != b":":
            assert byte, "Firefox ended"
            length += byte
        return json.loads(self._file.read(int(length)))


@contextmanager
def firefox(profile: Path, width: int = 1366, height: int = 768) -> Iterator[Firefox]:
    """A Firefox without a display, on a fresh profile."""
    assert PROGRAM is not None
    port = free_port()
    profile.mkdir(parents=True, exist_ok=True)
    wishes = {"marionette.port": port, "intl.accept_languages": "vi", "app.update.enabled": False}
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(is_)});" for name, is_ in wishes.items())
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    process = subprocess.Popen(
        [PROGRAM, "--headless", "--marionette", "--no-remote", "--profile", str(profile)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        opened = Firefox(port)
        opened("SetWindowRect", width=width, height=height)
        yield opened
        opened.close()
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _connected(port: int) -> socket.socket:
    ends = time.monotonic() + _WITHIN_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=_WITHIN_S)
        except OSError:
            assert time.monotonic() < ends, "Firefox does not listen"
            time.sleep(0.2)
