"""Command `thapcanh init`: asks for the first cameras, tests them, writes a configuration.

A password is never an argument nor in the configuration: it is stored in a file of its own with
mode 600.
"""

import argparse
import getpass
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from thapcanh.app.cli.check import run_check
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.config.files import create_file
from thapcanh.config.secret import SecretUrl

MOST_CAMERAS = 100
_SECRETS = "secrets"
_ADDRESS = "Địa chỉ camera, để trống khi đã đủ (camera address, empty when done)"
_NAME = "Tên camera (its name)"
_USER = "Tên đăng nhập của camera, để trống nếu không có (login name, empty for none)"
_PASSWORD = "Mật khẩu của camera (password): "  # noqa: S105 the question, not an answer
_HEAD = """\
# Made by `thapcanh init`. config/example.toml of the project explains every option. Fire and smoke
# are watched for on each camera; docs/rules.md has the other rules.

[site]
name = "Tháp Canh"
locale = "vi"
data_dir = "data" # queue, archive, evidence; relative to this file

[centre]
host = "127.0.0.1"
port = 8080
"""
_NEXT = """\
{path}: {count} camera. Tiếp theo (next):
  thapcanh run      # http://127.0.0.1:8080, in tên và mật khẩu quản trị một lần (prints the login)
  thapcanh status   # có gì sai không (what is wrong)
"""

Probe = Callable[[SecretUrl], tuple[bool, str]]
"""Whether pictures come from an address, and what to print of it."""


class _Refused(Exception):
    """An unusable answer; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _FirstCamera:
    id: str
    name: str
    address: str  # without a login
    username: str
    password: str

    def url(self, password: str) -> str:
        """Return the address with its login; `password` must be URL-quoted."""
        if not self.username:
            return self.address
        scheme, _, rest = self.address.partition("://")
        return f"{scheme}://{quote(self.username, safe='')}:{password}@{rest}"


def run_init(options: argparse.Namespace, probe: Probe | None = None) -> int:
    """Ask, try, write; return the exit code."""
    path: Path = options.config
    if path.exists():
        return fail(f"{path} exists and is left as it is; `thapcanh check` reads it")
    try:
        cameras = list(_asked(probe or _probe, untested=options.untested))
        if not cameras:
            return fail("no camera was named, nothing was written", exit_codes.FAILED)
        _write(path, cameras)
    except _Refused as error:
        return fail(f"{error}; nothing was written", exit_codes.FAILED)
    except OSError as error:
        return fail(f"{error.filename or path}: {error.strerror}", exit_codes.FAILED)
    code = run_check(path)
    if code == exit_codes.OK:
        sys.stdout.write(_NEXT.format(path=path, count=len(cameras)))
    return code


def _asked(probe: Probe, *, untested: bool) -> Iterator[_FirstCamera]:
    """Yield each camera as answered and tested."""
    for number in range(1, MOST_CAMERAS + 1):
        address = _answer(_ADDRESS)
        if not address:
            return
        camera = _camera(number, address)
        url = SecretUrl(camera.url(quote(camera.password, safe="")))
        _check_scheme(url)
        if not untested:
            is_seen, told = probe(url)
            sys.stdout.write(f"{told}\n")
            if not is_seen:
                raise _Refused(
                    "no pictures came from this camera (--untested writes it all the same)"
                )
        yield camera


def _camera(number: int, address: str) -> _FirstCamera:
    if "@" in address:
        raise _Refused("give the address without the login, which is asked for next")
    name = _answer(f"{_NAME} [Camera {number}]") or f"Camera {number}"
    username = _answer(_USER) if "://" in address else ""
    password = _asked_password() if username else ""
    return _FirstCamera(
        id=f"cam-{number}", name=name, address=address, username=username, password=password
    )


def _answer(question: str) -> str:
    sys.stdout.write(f"{question}: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip()


def _asked_password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass(_PASSWORD)
    return sys.stdin.readline().rstrip("\r\n")


def _check_scheme(url: SecretUrl) -> None:
    from thapcanh.ingest.sources.registry import SCHEMES

    try:
        SCHEMES.check(url)
    except ValueError as error:
        raise _Refused(str(error)) from None


def _probe(url: SecretUrl) -> tuple[bool, str]:
    from thapcanh.ingest.sources.probe import probe, render

    report = probe(url)
    return report.ok, render(report)


def _write(path: Path, cameras: list[_FirstCamera]) -> None:
    """Write the password files, then the configuration that names them; all or none."""
    secrets = path.absolute().parent / _SECRETS
    parts = [_HEAD]
    with ExitStack() as written:
        for camera in cameras:
            reference = ""
            if camera.username:
                secret = secrets / f"{camera.id}.password"
                secret.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                create_file(secret, camera.password + "\n", private=True)
                written.callback(secret.unlink)
                reference = f"${{file:{secret}}}"
            parts.append(
                f"\n[[cameras]]\nid = {_toml(camera.id)}\nname = {_toml(camera.name)}\n"
                f"source = {_toml(camera.url(reference))}\n"
            )
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
        create_file(path, "".join(parts), private=True)
        written.pop_all()


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
