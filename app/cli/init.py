"""Commands `thapcanh init` and `thapcanh cameras add`: ask for cameras and write them down.

Logins are stored apart from the configuration: encrypted where the environment names the key, else
in a file that only its owner reads. An unusable answer is requested again with the earlier answers.
Nothing is written before the last answer. Paths inside the site's folder are relative.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote, unquote

from thapcanh.app.cli.camera_questions import (
    AnsweredCamera,
    Probe,
    UnusableAnswer,
    prompt_for_cameras,
)
from thapcanh.app.cli.check import run_check
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.app.site.site_file import load_site
from thapcanh.config.credentials import (
    KEY_FILE_VARIABLE,
    KEY_VARIABLE,
    CameraCredentials,
    Credential,
    CredentialError,
)
from thapcanh.config.files import create_file
from thapcanh.config.loading.read import EXTRA_FOLDER
from thapcanh.config.problem import ConfigError
from thapcanh.config.secret import SecretUrl, replace_secrets, with_login

_SECRETS = "secrets"
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

[features]
on = [] # crews, drills, facilities …: example.toml names all that can be added
"""
_HEAD_OF_MORE = "# Made by `thapcanh cameras add`.\n"
_NEXT = """\
{path}: {count} camera. Tiếp theo (next):
  thapcanh run      # http://127.0.0.1:8080, in tên và mật khẩu quản trị một lần (prints the login)
  thapcanh status   # có gì sai không (what is wrong)
"""
_ADDED = "{path}: {count} camera. Trạm đang chạy sẽ tự nhận (a running site takes them over)\n"


@dataclass(frozen=True, slots=True)
class _Place:
    """The site that cameras are written for, and its file of them."""

    config: Path
    folder: Path  # of the file that is written
    used_ids: frozenset[str] = frozenset()

    @property
    def is_new(self) -> bool:
        return self.folder == self.config.parent

    def target(self, cameras: list[AnsweredCamera]) -> Path:
        return self.config if self.is_new else self.folder / f"{cameras[0].id}.toml"


def run_init(options: argparse.Namespace, probe: Probe | None = None) -> int:
    """Write a first configuration; return the exit code."""
    path: Path = options.config
    if path.exists():
        return fail(
            f"{path} exists and is left as it is; `thapcanh cameras add` adds cameras to it, "
            "`thapcanh check` reads it"
        )
    return _run(options, _Place(path, path.parent), probe)


def run_add(options: argparse.Namespace, probe: Probe | None = None) -> int:
    """Write further cameras to a file in `cameras.d`; return the exit code."""
    path: Path = options.config
    loaded = load_site(path)
    try:
        source = loaded.site_or_raise().registry.source
    except ConfigError as error:
        return fail(error)
    if source != "files":
        return fail(
            "this site's cameras stand in its registry: add them on the page /registry, or with "
            "`thapcanh cameras import FILE`"
        )
    entries = loaded.raw.entries["cameras"] if loaded.raw is not None else []
    used = frozenset(str(entry.table.get("id")) for entry in entries)
    return _run(options, _Place(path, path.parent / EXTRA_FOLDER, used), probe)


def _run(options: argparse.Namespace, place: _Place, probe: Probe | None) -> int:
    """Ask, try, write, and check the whole."""
    try:
        cameras = list(prompt_for_cameras(_free_ids(place), probe, untested=options.untested))
        if not cameras:
            return fail("no camera was named, nothing was written", exit_codes.FAILED)
        target = _write(place, cameras)
    except (UnusableAnswer, CredentialError) as error:
        return fail(f"{error}; nothing was written", exit_codes.FAILED)
    except OSError as error:
        reason = f"{error.filename or place.folder}: {error.strerror}"
        return fail(reason, exit_codes.FAILED)
    code = run_check(place.config)
    if code == exit_codes.OK:
        text = _NEXT if place.is_new else _ADDED
        sys.stdout.write(text.format(path=target, count=len(cameras)))
    return code


def _free_ids(place: _Place) -> Iterator[str]:
    """Yield each `cam-N` without a camera, file or login."""
    folder = place.config.absolute().parent
    used = {*place.used_ids, *CameraCredentials(place.config, os.environ).names()}
    used |= {path.stem for name in (EXTRA_FOLDER, _SECRETS) for path in (folder / name).glob("*")}
    return (name for name in map("cam-{}".format, count(1)) if name not in used)


def _write(place: _Place, cameras: list[AnsweredCamera]) -> Path:
    """Write logins first, then the file that names them, all or none; return the file."""
    parts = [_HEAD if place.is_new else _HEAD_OF_MORE]
    target = place.target(cameras)
    target.absolute().parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as written:
        for camera in cameras:
            source = _source(place, camera, written)
            parts.append(
                f"\n[[cameras]]\nid = {_toml(camera.id)}\nname = {_toml(camera.name)}\n"
                f"source = {_toml(source)}\n"
            )
        create_file(target, "".join(parts), private=True)
        written.pop_all()
    return target


def _source(place: _Place, camera: AnsweredCamera, written: ExitStack) -> str:
    """Return the address as it stands in the file, once its secrets are stored."""
    if not SecretUrl(camera.address).scheme:
        return _relative(Path(camera.address), place)
    numbers = count(1)

    def store(secret: str, name: str) -> str:
        path = place.config.absolute().parent / _SECRETS / f"{camera.id}.{name}"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_file(path, f"{secret}\n", private=True)
        written.callback(path.unlink)
        return f"${{file:{_relative(path, place)}}}"

    address = replace_secrets(
        camera.address, lambda secret: store(unquote(secret), f"address-{next(numbers)}")
    )
    if not camera.username:
        return address
    if os.environ.get(KEY_VARIABLE) or os.environ.get(KEY_FILE_VARIABLE):
        logins = CameraCredentials(place.config, os.environ)
        logins.set(camera.id, Credential(username=camera.username, password=camera.password))
        written.callback(logins.remove, camera.id)
        login = f"${{credential:{camera.id}}}"
    else:
        login = f"{quote(camera.username, safe='')}:{store(camera.password, 'password')}"
    return with_login(address, login)


def _relative(path: Path, place: _Place) -> str:
    """Return a path inside the site's folder relative to the written file; others unchanged."""
    if not path.is_relative_to(place.config.absolute().parent):
        return str(path)
    return os.path.relpath(path, place.folder.absolute())


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
