"""`python -m tests.fuzz.schemathesis_run SECONDS`: Schemathesis' own program against a centre.

It asks every operation as a user with every role, until the time is up; its report follows. Exit
code 1 when one was answered by a server error. `api.py` beside it also looks at what is told.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import requests
import schemathesis

from tests.app.web_api.centre import PASSWORD
from tests.fuzz.api import EVERYTHING, serving_site
from tests.fuzz.runs import Run
from thapcanh.app.web_api.prefix import PREFIX

_ADDRESS = "CENTRE_UNDER_TEST"
_ENDLESS = r"/(stream|whep|still\.jpg|mjpeg)"  # the live stream, and pictures without a camera
_ANSWERS_503 = r"/(healthz|readyz)$"  # what they are for
_LOGIN_LASTS_S = 20  # one operation ends it


@schemathesis.auth(refresh_interval=_LOGIN_LASTS_S)
class Login:
    """The session of that user, anew before an operation that ended it does harm for long."""

    def get(self, _case: Any, _context: Any) -> tuple[dict[str, str], str]:
        body = {"username": EVERYTHING, "password": PASSWORD}
        with requests.Session() as session:
            session.trust_env = False
            reply = session.post(f"{os.environ[_ADDRESS]}{PREFIX}/session", json=body, timeout=60)
            reply.raise_for_status()
            return session.cookies.get_dict(), reply.json()["csrf"]

    def set(self, case: Any, data: tuple[dict[str, str], str], _context: Any) -> None:
        cookies, csrf = data
        case.cookies = {**(case.cookies or {}), **cookies}
        case.headers = {**(case.headers or {}), "X-CSRF-Token": csrf}


def main(seconds: int) -> int:
    """Run it; the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run(inputs=1, is_repeatable=True, folder=Path(folder))
        with serving_site(run) as site:
            program = Path(sys.executable).with_name("schemathesis")
            words = [
                str(program), "run", f"{site.address}{PREFIX}/openapi.json",
                "--max-time", str(seconds), "--checks", "not_a_server_error",
                "--continue-on-failure", "--exclude-path-regex", f"{_ENDLESS}|{_ANSWERS_503}",
                "--request-timeout", "60", "--suppress-health-check", "all",
            ]  # fmt: skip
            hooks = {"SCHEMATHESIS_HOOKS": "tests.fuzz.schemathesis_run", _ADDRESS: site.address}
            environment = {**os.environ, **hooks, "PYTHONPATH": str(Path(__file__).parents[2])}
            return subprocess.run(words, env=environment, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
