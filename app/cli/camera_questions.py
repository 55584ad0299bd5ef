"""Dialogue for cameras on standard input; each camera is tried.

Unusable answers are requested again with the earlier answers. Passwords are read without an echo.
"""

import getpass
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from thapcanh.config.credentials import Credential
from thapcanh.config.secret import SecretUrl, mask_url, split_login, with_login

MOST_CAMERAS = 100
_ADDRESS = "Địa chỉ camera, để trống khi đã đủ (camera address, empty when done)"
_NAME = "Tên camera (its name)"
_USER = "Tên đăng nhập của camera, để trống nếu không có (login name, empty for none)"
_FILE = (
    "{path}: tệp trên máy này; địa chỉ camera bắt đầu bằng rtsp:// "
    "(a file on this machine; a camera's address begins with rtsp://)\n"
)
_NO_FILE = (
    "{path}: không có tệp này; địa chỉ camera bắt đầu bằng rtsp:// "
    "(no such file; a camera's address begins with rtsp://)"
)
_SAME = "Enter: như trên (as above)"
_PASSWORD = "Mật khẩu của camera (password)"  # noqa: S105 the question, not an answer
_CHOICE = (
    "Enter: sửa và thử lại, g: vẫn ghi, b: bỏ camera này "
    "(Enter: correct it and try again, w: write it all the same, s: skip it)"
)
_WRITE, _SKIP = ("g", "w"), ("b", "s")

Probe = Callable[[SecretUrl], tuple[bool, str]]
"""True if pictures come from an address, and what to print of it."""


class UnusableAnswer(Exception):
    """An unusable answer; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCamera:
    """A camera as answered; `address` has no login, and is absolute if it is a path."""

    id: str
    name: str
    address: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)

    def source(self) -> SecretUrl:
        """Return the address with its login."""
        if not self.username:
            return SecretUrl(self.address)
        login = Credential(username=self.username, password=self.password)
        return SecretUrl(with_login(self.address, login.in_url()))


def prompt_for_cameras(
    free_ids: Iterable[str], probe: Probe | None = None, *, untested: bool
) -> Iterator[AnsweredCamera]:
    """Yield each camera that can be used; raise `UnusableAnswer` where answers end early."""
    ids = iter(free_ids)
    camera_id = next(ids)
    for _ in range(MOST_CAMERAS):
        address = _answer(_ADDRESS)
        if not address:
            return
        asking = _Asking(untested=untested, probe=probe or _probe)
        camera = asking.usable(camera_id, address)
        if camera is not None:
            yield camera
            camera_id = next(ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    untested: bool
    probe: Probe

    def usable(self, camera_id: str, address: str) -> AnsweredCamera | None:
        """Ask until the camera can be used; None where it is left out."""
        camera = AnsweredCamera(id=camera_id, name=f"Camera {camera_id.rpartition('-')[2]}")
        while True:
            address, username, password = split_login(address)
            camera = replace(camera, address=_absolute(address) if address else camera.address)
            reason = self._wrong_address(SecretUrl(camera.address))
            is_right = reason is None
            if is_right:
                camera = _completed(camera, username, password)
                reason = None if self.untested else self._no_pictures(camera.source())
            if reason is None:
                return camera
            choice = _choice(reason)
            if choice in _SKIP:
                return None
            if choice in _WRITE and is_right:
                return camera
            address = _answer(f"Địa chỉ camera (camera address) [{mask_url(camera.address)}]")

    def _wrong_address(self, url: SecretUrl) -> str | None:
        from thapcanh.ingest.sources.registry import SCHEMES

        if not (url.scheme or self.untested or Path(url.reveal()).exists()):
            return _NO_FILE.format(path=url.reveal())
        try:
            SCHEMES.check(url)
        except ValueError as error:
            return str(error)
        return None

    def _no_pictures(self, url: SecretUrl) -> str | None:
        has_pictures, report = self.probe(url)
        sys.stdout.write(f"{report}\n")
        return None if has_pictures else "no pictures came from this camera"


def _completed(camera: AnsweredCamera, username: str, password: str) -> AnsweredCamera:
    """Ask for what the address leaves open; an empty answer leaves what was answered before."""
    is_file = SecretUrl(camera.address).scheme in ("", "file")
    if is_file:
        sys.stdout.write(_FILE.format(path=camera.address))
    camera = replace(camera, name=_answer(f"{_NAME} [{camera.name}]") or camera.name)
    if is_file:
        return replace(camera, username="", password="")
    if not password:
        known = username or camera.username
        username = _answer(f"{_USER} [{known}]" if known else _USER) or known
        password = (username and _read_password(camera.password)) or camera.password
    return replace(camera, username=username, password=password)


def _absolute(address: str) -> str:
    return address if SecretUrl(address).scheme else str(Path(address).expanduser().absolute())


def _answer(question: str) -> str:
    """Read one line of standard input; empty at its end."""
    sys.stdout.write(f"{question}: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip()


def _read_password(earlier: str) -> str:
    question = f"{_PASSWORD} [{_SAME}]: " if earlier else f"{_PASSWORD}: "
    if sys.stdin.isatty():
        return getpass.getpass(question)
    return sys.stdin.readline().rstrip("\r\n")


def _choice(reason: str) -> str:
    """Ask what to do about a camera; raise `UnusableAnswer` where no answers come."""
    sys.stdout.write(f"{reason}\n{_CHOICE}: ")
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        raise UnusableAnswer(reason)
    return line.strip().lower()


def _probe(url: SecretUrl) -> tuple[bool, str]:
    from thapcanh.ingest.sources.probe import probe, render

    report = probe(url)
    return report.ok, render(report)
