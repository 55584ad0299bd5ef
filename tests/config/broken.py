"""Broken configurations that were met or thought of: each is one file beside a good main file."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

GOOD = '[[cameras]]\nid = "a"\nname = "A"\nsource = "rtsp://10.0.0.1/a"\n'
MORE = '[[cameras]]\nid = "b"\nname = "B"\nsource = "rtsp://10.0.0.1/b"\n'

Write = Callable[[Path], None]


def _bytes(content: bytes) -> Write:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write


def _text(content: str) -> Write:
    return _bytes(content.encode())


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _loop_of_two(path: Path) -> None:
    other = path.with_suffix(".other")
    other.symlink_to(path.name)
    path.symlink_to(other.name)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(9 << 20)


def _secret_loop(path: Path) -> None:
    loop = path.with_suffix(".secret")
    loop.symlink_to(loop.name)
    path.write_text(MORE.replace("10.0.0.1", f"${{file:{loop}}}"), encoding="utf-8")


def _secret_pipe(path: Path) -> None:
    pipe = path.with_suffix(".secret")
    os.mkfifo(pipe)
    path.write_text(MORE.replace("10.0.0.1", f"${{file:{pipe}}}"), encoding="utf-8")


BROKEN: Mapping[str, Write] = {
    "a latitude of 5000 digits": _text(f"{MORE}lat = {'9' * 5000}\nlon = 1\n"),
    "a latitude of 4000 digits": _text(f"{MORE}lat = {'9' * 4000}\nlon = 1\n"),
    "a negative of 5000 digits": _text(f"{MORE}lat = -{'9' * 5000}\nlon = 1\n"),
    "a latitude of a million digits": _text(f"{MORE}lat = {'9' * 1_000_000}\nlon = 1\n"),
    "a source of 200000 letters": _text(MORE.replace("rtsp://10.0.0.1/b", "x" * 200_000)),
    "a long name of an authority": _text(f"{MORE}tls_ca = '{'x' * 5000}'\n"),
    "a long name of a video": _text(MORE.replace("rtsp://10.0.0.1/b", "x" * 300)),
    "a NUL in a name": _text(f'{MORE}tls_ca = "a\\u0000b"\n'),
    "a NUL in a video": _text(MORE.replace("rtsp://10.0.0.1/b", "file://a\\u0000b")),
    "a latitude with a huge exponent": _text(f"{MORE}lat = 1e{'9' * 400}\nlon = 1\n"),
    "a latitude that is not a number": _text(f"{MORE}lat = nan\nlon = inf\n"),
    "an open deep array": _text(f"{MORE}masks = {'[' * 5000}"),
    "a closed deep array": _text(f"{MORE}masks = {'[' * 3000}{']' * 3000}\n"),
    "a deep inline table": _text(f"{MORE}zones = {'{a=' * 2000}1{'}' * 2000}\n"),
    "a dotted key of 20000 parts": _text(f"{'a.' * 20000}a = 1\n"),
    "a dotted key of a camera": _text(f"{MORE}{'a.' * 2000}a = 1\n"),
    "a dotted table": _text(f"[{'a.' * 3000}a]\nx = 1\n"),
    "a dotted key with spaces": _text(f"{'a . ' * 20000}a = 1\n"),
    "a dotted key in quotes": _text('"a".' * 20000 + "a = 1\n"),
    "a link to itself": _loop,
    "two links to each other": _loop_of_two,
    "a pipe": os.mkfifo,
    "a device": _device,
    "a folder": lambda path: path.mkdir(),
    "more than 8 MiB": _sparse,
    "a secret of a device": _text(MORE.replace("10.0.0.1", "${file:/dev/zero}")),
    "a secret of a pipe": _secret_pipe,
    "a secret of a link to itself": _secret_loop,
    "a secret of a folder": _text(MORE.replace("10.0.0.1", "${file:/}")),
    "not text": _bytes(b"\xff\xfe\x00[[cameras]]"),
    "not TOML": _text("[[cameras\n"),
    "a camera that is a number": _text("cameras = [1]\n"),
    "a date that there is not": _text(f"{MORE}lat = 2024-02-31\nlon = 1\n"),
}
