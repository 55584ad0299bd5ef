"""Workers' keys at the console and at a worker's start: `thapcanh worker enrol|revoke|list`.

`enrol` runs at the centre. It writes what is carried to the worker: its private key, and its own
user of the queue with no more rights than it needs. Beside the embedded queue each worker enrols
itself.
"""

import argparse
import os
import secrets
import sys
import time
from collections.abc import Collection
from pathlib import Path

from alerts.events import redis_keys
from alerts.events.publisher import EventTransport
from alerts.worker_keys import SignedOutlet, WorkerKeyError, WorkerKeys, own_signer, write_key
from app import exit_codes
from app.site_paths import site_paths_of
from app.supervisor.embedded_valkey import write_private
from app.terminal import fail
from config.load import load
from config.problem import ConfigError
from config.site import Site

KEY_FILE_VARIABLE = "THAPCANH_WORKER_KEY_FILE"
_SHIPPED = ("fire", "smoke", "person", "bicycle", "motorcycle", "car", "bus", "truck")
_MADE = ("flash",)  # what the arc rule calls what it sees
_CONNECTION = "ping auth hello select client|setname client|setinfo time multi exec discard wait"
_OF_EVENTS = "xadd xrange xinfo|groups xpending"
_OF_WORKERS = "zadd zrem zremrangebyscore"


def outlet_of(queue: EventTransport, site: Site, worker_id: str) -> EventTransport:
    """Where a worker's entries go: signed where it has a key. Raises `WorkerKeyError`."""
    given = os.environ.get(KEY_FILE_VARIABLE)
    if given:
        return SignedOutlet(queue, own_signer(Path(given)))
    if site.queue.url is not None:
        return queue
    places = site_paths_of(site)
    own = places.own_worker_key(worker_id)
    known = WorkerKeys(places.worker_keys_dir)
    if not own.exists() or known.find(worker_id) is None:
        write_key(own, known.enrol(worker_id, time.time()))
    return SignedOutlet(queue, own_signer(own))


def known_labels(site: Site) -> Collection[str]:
    """What a detection may be called: by the shipped models, and by the site's rules."""
    named = (name for rule in site.rules for name in getattr(rule, "classes", ()))
    return {*_SHIPPED, *_MADE, *named}


def run_enrolment(options: argparse.Namespace) -> int:
    """`thapcanh worker enrol|revoke|list`; returns the exit code."""
    if options.action != "list" and not options.worker:
        return fail(f"worker {options.action}: name the worker", exit_codes.MISUSED)
    try:
        site = load(options.config).site_or_raise()
    except ConfigError as error:
        return fail(error)
    try:
        said = _done(options, WorkerKeys(site_paths_of(site).worker_keys_dir))
    except (WorkerKeyError, OSError) as error:
        return fail(error, exit_codes.FAILED)
    sys.stdout.write(said)
    return exit_codes.OK


def _done(options: argparse.Namespace, known: WorkerKeys) -> str:
    if options.action == "list":
        return "".join(f"{name}\n" for name in known.names())
    if options.action == "revoke":
        if not known.revoke(options.worker):
            raise WorkerKeyError(f"no worker {options.worker!r} is enrolled")
        return f"{options.worker}: what it signs is believed no more\n"
    folder = options.out or Path(f"{options.worker}.enrolment")
    folder.mkdir(mode=0o700)
    write_key(folder / "worker.key", known.enrol(options.worker, time.time()))
    password = secrets.token_urlsafe(24)
    rules = " ".join(acl_rules(options.worker, password))
    write_private(folder / "queue-user.acl", f"user {options.worker} {rules}\n")
    write_private(folder / "queue-password", password + "\n")
    return (
        f"{options.worker} is enrolled. Carry {folder} to it, then remove it here:\n"
        f"  worker.key      name it in {KEY_FILE_VARIABLE} (mode 0600)\n"
        f"  queue-user.acl  add the line to the queue's users (aclfile, ACL LOAD)\n"
        f"  queue-password  the password of the user {options.worker} in its [queue] url\n"
    )


def acl_rules(worker: str, password: str) -> list[str]:
    """What one user of Redis or Valkey may do: append events and tell its own status, no more."""
    return [
        "on", f">{password}", "resetchannels", "-@all",
        *_allowed(_CONNECTION), *_allowed(_OF_EVENTS), f"~{redis_keys.EVENTS}",
        f"({' '.join(_allowed('set get del'))} ~{redis_keys.worker(worker)})",
        f"({' '.join(_allowed(_OF_WORKERS))} ~{redis_keys.WORKERS})",
        f"(+get %R~{redis_keys.PHONES})",
    ]  # fmt: skip


def _allowed(commands: str) -> list[str]:
    return [f"+{command}" for command in commands.split()]
