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
    _say("ready")
    for line in sys.stdin.buffer:
        _say(json.dumps(_answer(passwords, json.loads(line))))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _answer(passwords: Passwords, asked: dict[str, Any]) -> dict[str, Any]:
    if "check" in asked:
        return {"right": passwords.is_right(asked["check"], asked["password"])}
    return {"hash": passwords.hashed(asked["password"])}


if __name__ == "__main__":
    main()
