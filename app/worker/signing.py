"""Signing of a worker's entries."""

import os
import time
from pathlib import Path

from thapcanh.alerts.queue.publisher import EventTransport
from thapcanh.alerts.queue.workers.worker_keys import (
    SignedTransport,
    WorkerKeys,
    own_signer,
    write_key,
)
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.config.site import Site

KEY_FILE_VARIABLE = "THAPCANH_WORKER_KEY_FILE"


def transport_of(queue: EventTransport, site: Site, worker_id: str) -> EventTransport:
    """Return the transport, signing if the worker has a key. Raises `WorkerKeyError`."""
    key_file = os.environ.get(KEY_FILE_VARIABLE)
    if key_file:
        return SignedTransport(queue, own_signer(Path(key_file)))
    places = site_paths_of(site)
    own = places.own_worker_key(worker_id)
    if site.queue.url is not None:  # a site that grew: the centre goes on asking for its signature
        return SignedTransport(queue, own_signer(own)) if own.exists() else queue
    keys = WorkerKeys(places.worker_keys_dir)
    if not own.exists() or keys.find(worker_id) is None:
        write_key(own, keys.enrol(worker_id, time.time(), by_itself=True))
    return SignedTransport(queue, own_signer(own))
