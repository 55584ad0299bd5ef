"""Child process of `PasswordProcess`.

A line `{"password"}` is hashed, `{"check", "password"}` compared with a hash (null: with a dummy).
"""

import json
import sys
from typing import Any

from thapcanh.app.web_api.access.passwords.hasher import Passwords


def main() -> None:
    """Answer until the input ends."""
    passwords = Passwords()
    _write_line("ready")
    for line in sys.stdin.buffer:
        _write_line(json.dumps(_answer(passwords, json.loads(line))))


def _write_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _answer(passwords: Passwords, request: dict[str, Any]) -> dict[str, Any]:
    if "check" in request:
        return {"right": passwords.is_right(request["check"], request["password"])}
    return {"hash": passwords.hashed(request["password"])}


if __name__ == "__main__":
    main()
