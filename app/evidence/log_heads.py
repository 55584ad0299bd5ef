"""Sends the action log's end away every hour: into a folder elsewhere, or to an address."""

import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests

from thapcanh.alerts.evidence.log_head import LogHead, LogHeadError, signed
from thapcanh.alerts.store.audit_log import AuditLogQuery
from thapcanh.alerts.store.database import Database
from thapcanh.app.process.feature_tasks import BuiltFeature, CentreTask
from thapcanh.app.site.copy_disk import CopyDisk
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.config.files import create_file
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.ingest.address_guard import AddressGuard, AddressRefused, servers
from thapcanh.ingest.guarded_http import guarded
from thapcanh.ingest.store_identity import StoreWrong

log = logging.getLogger(__name__)

SEND_EVERY_S = 3600.0
_TIMEOUT_S = 10.0


def build(site: Callable[[], Site], database: Database) -> BuiltFeature:
    """Return the hourly task that sends the log's end elsewhere."""
    run = LogHeadSender(site, database, time.time).round
    return BuiltFeature(rounds=(CentreTask(name="log heads", every_s=SEND_EVERY_S, run=run),))


class LogHeadSender:
    """Sender of log heads, called by one thread."""

    def __init__(
        self, site: Callable[[], Site], database: Database, utc: Callable[[], float]
    ) -> None:
        self._site = site
        self._database = database
        self._utc = utc

    def round(self) -> None:
        site = self._site()
        config = site.log_heads
        if config.drop is None and config.webhook is None:
            return
        with self._database.reading() as connection:
            seq, seal = AuditLogQuery(connection).log_head()
        head = LogHead(site=site.site.name, at=self._utc(), seq=seq, hash=seal)
        try:
            statement = signed(head, config.key_file)
        except LogHeadError as error:
            log.error("the log's end is not sent: %s", error)
            return
        if config.drop is not None:
            _drop(statement, CopyDisk(config.drop, site_paths_of(site)))
        if config.webhook is not None:
            _send(statement, config.webhook, servers(site.networks))


def _drop(statement: dict[str, Any], disk: CopyDisk) -> None:
    try:
        disk.require()
        _dropped(statement, disk.folder)
    except StoreWrong as error:
        log.error("the log's end is not in %s: %s", disk.folder, error)
    except OSError as error:
        log.error("the log's end is not in %s: %s", disk.folder, error.strerror or error)
    else:
        with suppress(OSError, StoreWrong):  # it is there, and the disk is known the next time
            disk.remember()


def _send(statement: dict[str, Any], url: SecretUrl, guard: AddressGuard) -> None:
    try:
        answer = _posted(statement, url.reveal(), guard)
    except AddressRefused as refused:
        log.error("the log's end is not sent to %s: %s", url, refused)
    except requests.RequestException as error:
        log.error("the log's end is not sent to %s: %s", url, type(error).__name__)
    else:
        if not 200 <= answer.status_code < 300:
            status = answer.status_code  # a redirect is not followed: nobody has it
            log.error("the log's end is not sent to %s: it answers %d", url, status)


def _posted(statement: dict[str, Any], url: str, guard: AddressGuard) -> requests.Response:
    with requests.Session() as session:
        guarded(session, guard)
        return session.post(url, json=statement, timeout=_TIMEOUT_S, allow_redirects=False)


def _dropped(statement: dict[str, Any], folder: Path) -> None:
    """Whole or not at all, under a name of its own: what is there already is never written over."""
    path = folder / f"log-head-{statement['seq']:012d}-{int(statement['at'])}.json"
    create_file(path, json.dumps(statement, ensure_ascii=False))
