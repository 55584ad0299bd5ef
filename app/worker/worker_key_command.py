"""`thapcanh worker enrol|revoke|list`: workers' keys, at the centre's console."""

import argparse
import secrets
import sys
import time
from pathlib import Path

from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.workers.worker_keys import WorkerKeyError, WorkerKeys, write_key
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.app.worker.signing import KEY_FILE_VARIABLE
from thapcanh.config.files import create_file
from thapcanh.config.problem import ConfigError

_CONNECTION = "ping auth hello select client|setname client|setinfo time multi exec discard wait"
_OF_EVENTS = "xadd xrange xinfo|groups xpending"
_OF_WORKERS = "zadd zrem zremrangebyscore"


def run_enrolment(options: argparse.Namespace) -> int:
    """`thapcanh worker enrol|revoke|list`; returns the exit code."""
    if options.action != "list" and not options.worker:
        return fail(f"worker {options.action}: name the worker", exit_codes.MISUSED)
    try:
        site = load_site(options.config).site_or_raise()
    except ConfigError as error:
        return fail(error)
    try:
        output = _done(options, WorkerKeys(site_paths_of(site).worker_keys_dir))
    except (WorkerKeyError, OSError) as error:
        return fail(error, exit_codes.FAILED)
    sys.stdout.write(output)
    return exit_codes.OK


def _done(options: argparse.Namespace, keys: WorkerKeys) -> str:
    if options.action == "list":
        return "".join(f"{name}\n" for name in keys.names())
    if options.action == "revoke":
        if not keys.revoke(options.worker):
            raise WorkerKeyError(f"no worker {options.worker!r} is enrolled")
        return f"{options.worker}: what it signs is believed no more\n"
    folder = options.out or Path(f"{options.worker}.enrolment")
    folder.mkdir(mode=0o700)
    write_key(folder / "worker.key", keys.enrol(options.worker, time.time()))
    password = secrets.token_urlsafe(24)
    rules = " ".join(acl_rules(options.worker, password))
    create_file(folder / "queue-user.acl", f"user {options.worker} {rules}\n", private=True)
    create_file(folder / "queue-password", password + "\n", private=True)
    return (
        f"{options.worker} is enrolled. Carry {folder} to it, then remove it here:\n"
        f"  worker.key      name it in {KEY_FILE_VARIABLE} (mode 0600)\n"
        f"  queue-user.acl  add the line to the queue's users (aclfile, ACL LOAD)\n"
        f"  queue-password  the password of the user {options.worker} in its [queue] url\n"
        "From now on only what workers with a key sign is stored: enrol the others now, or set\n"
        "[queue] signed_only = false until they have theirs.\n"
    )


def acl_rules(worker: str, password: str) -> list[str]:
    """Return the Valkey ACL of a worker: append events and write its own status."""
    keys = (redis_keys.worker, redis_keys.watched, redis_keys.figures, redis_keys.owner)
    own = " ".join(f"~{key_of(worker)}" for key_of in keys)
    return [
        "on", f">{password}", "resetchannels", "-@all",
        *_allowed(_CONNECTION), *_allowed(_OF_EVENTS), f"~{redis_keys.EVENTS}",
        f"({' '.join(_allowed('set get del'))} {own})",
        f"({' '.join(_allowed(_OF_WORKERS))} ~{redis_keys.WORKERS})",
        f"(+get %R~{redis_keys.PHONES} %R~{redis_keys.STORE})",
    ]  # fmt: skip


def _allowed(commands: str) -> list[str]:
    return [f"+{command}" for command in commands.split()]
