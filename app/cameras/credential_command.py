"""`thapcanh credential`: logins of cameras outside the configuration, encrypted on the disk.

A password is typed or piped in, never an argument, and never printed again.
"""

import argparse
import getpass
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.config.credentials import CameraCredentials, Credential, CredentialError, new_key
from thapcanh.config.files import create_file

LONGEST = 256


def run_credential(options: argparse.Namespace) -> int:
    """`thapcanh credential key|set|list|remove`; returns the exit code."""
    if options.action in ("set", "remove") and not options.credential:
        return fail(f"credential {options.action}: name the credential", exit_codes.MISUSED)
    try:
        sys.stdout.write(_done(CameraCredentials(options.config, os.environ), options))
    except CredentialError as error:
        return fail(error, exit_codes.FAILED)
    return exit_codes.OK


def _done(credentials: CameraCredentials, options: argparse.Namespace) -> str:
    name = options.credential
    if options.action == "key":
        return _new_key(options.out)
    if options.action == "list":
        return "".join(f"{each}\n" for each in credentials.names())
    if options.action == "remove":
        credentials.remove(name)
        return f"{name} removed\n"
    if not options.user:
        raise CredentialError("give --user, the name by which one logs in at the camera")
    credentials.set(name, Credential(username=options.user, password=_read_password()))
    return f"{name} kept; write it as rtsp://${{credential:{name}}}@…\n"


def _new_key(out: Path | None) -> str:
    """Write a key to a file with mode 600, or return it for a terminal."""
    if out is None:
        if _is_file(sys.stdout):
            raise CredentialError(
                "what is printed into a file may be read by others of this machine: "
                "`thapcanh credential key --out FILE` makes it readable to you alone"
            )
        return f"{new_key()}\n"
    try:
        create_file(out, f"{new_key()}\n", private=True)
    except OSError as error:
        raise CredentialError(f"{out}: {error.strerror}") from None
    return f"{out} made, readable to you alone\n"


def _is_file(output: IO[str]) -> bool:
    with suppress(OSError, ValueError):  # it is none of the system's
        return stat.S_ISREG(os.fstat(output.fileno()).st_mode)
    return False


def _read_password() -> str:
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("Password of the camera: ")
        if getpass.getpass("Again: ") != password:
            raise CredentialError("the two passwords differ")
    if not 0 < len(password) <= LONGEST:
        raise CredentialError(f"a password needs 1 to {LONGEST} characters")
    return password
