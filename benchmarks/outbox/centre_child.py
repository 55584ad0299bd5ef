"""`python -m benchmarks.outbox.centre_child ARCHIVE WEBHOOK_PORT BROKER_PORT`: the outbox alone.

With the settings of a real site. It may be killed at any time.
"""

import logging
import sys
import threading
from pathlib import Path

from tests.alerts.delivery.target_of_table import target_of_table
from thapcanh.alerts.delivery.mqtt_connection import MqttTarget
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.app.delivery.service import DeliveryService
from thapcanh.app.process.change_notifier import ChangeNotifier
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site


def main() -> None:
    """Deliver until killed."""
    logging.basicConfig(level=logging.ERROR)
    archive = Archive(sqlite_url(Path(sys.argv[1])))
    site = site_with(int(sys.argv[2]), int(sys.argv[3]))
    DeliveryService(archive.database, lambda: site, ChangeNotifier()).start()
    threading.Event().wait()


def site_with(webhook_port: int, broker_port: int) -> Site:
    """A site that tells a webhook and a broker of everything."""
    webhook = target_of_table(
        {
            "id": "webhook",
            "kind": "webhook",
            "url": SecretUrl(f"http://127.0.0.1:{webhook_port}/"),
            "secret": "long enough a secret",
        }
    )
    return Site(rules=(), targets=(webhook, broker_target(broker_port)))


def broker_target(port: int) -> MqttTarget:
    """The broker, as a target."""
    url = SecretUrl(f"mqtt://127.0.0.1:{port}")
    return MqttTarget(id="broker", url=url)


if __name__ == "__main__":
    main()
