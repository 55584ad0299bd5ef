"""A registered camera follows its device to another address; its login and paths stay.

Who answers at the new address must give the endpoint reference or the MAC that the registry knows:
what an address alone claims is not followed.
"""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from alerts.registry.records import EntryKind, RegisteredEntry
from alerts.registry.repository import RegistryRepository
from app.registry.discovery.finding import host_of, known_camera
from app.registry.editing import Editing, EntryUnknown
from app.registry.editor import RegistryEditor
from config.registry.entries import SOURCES
from ingest.onvif.probe_message import FoundDevice


def follow(
    repository: RegistryRepository,
    editor: RegistryEditor,
    name: str,
    device: FoundDevice,
    editing: Editing,
) -> RegisteredEntry:
    """Put the device's address into the camera. Raises `EntryUnknown` where it is another one."""
    there = repository.entries(EntryKind.CAMERAS, [name]).get(name)
    if there is None or there.document is None:
        raise EntryUnknown(name)
    if not is_the_same(device, there):
        raise EntryUnknown(name)
    old = host_of(there.document["source"])
    whole = editor.revealed(there)
    patch: dict[str, Any] = {
        source: _at(whole[source], device.address)
        for source in SOURCES
        if isinstance(whole.get(source), str) and host_of(whole[source]) == old
    }
    patch["onvif"] = {**there.document["onvif"], "service": device.service}
    return editor.change(EntryKind.CAMERAS, name, patch, there.revision, editing)


def is_the_same(device: FoundDevice, entry: RegisteredEntry) -> bool:
    """Whether a device is the registered camera, by what stays when an address changes."""
    known = known_camera(entry.id, entry.document or {})
    by_endpoint = known.endpoint is not None and known.endpoint == device.endpoint
    return by_endpoint or (known.mac is not None and known.mac == device.mac)


def _at(address: str, host: str) -> str:
    """The same address at another host, login and port as they are."""
    parts = urlsplit(address)
    login, at, where = parts.netloc.rpartition("@")
    _, colon, port = where.rpartition(":") if parts.port is not None else ("", "", "")
    return urlunsplit(parts._replace(netloc=f"{login}{at}{host}{colon}{port}"))
