"""`thapcanh cameras discover`: which cameras answer on the networks that the site allows."""

import argparse
import asyncio
import sys
from contextlib import closing

from alerts.lifecycle.archive import Archive
from alerts.registry.repository import RegistryRepository
from app.process import exit_codes
from app.process.terminal import fail
from app.registry.discovery.finding import (
    FindingRefused,
    FoundCamera,
    KnownCamera,
    addresses_to_ask,
    known_camera,
    known_cameras,
    recognised,
)
from app.site.site_file import load_site
from app.site.site_paths import archive_url
from config.site import Site
from ingest.onvif.discovery import discover


def run_discover(options: argparse.Namespace) -> int:
    """Ask, and print a line a camera; raises `ConfigError` and `ArchiveError`."""
    site = load_site(options.config).site_or_raise()
    try:
        asked = addresses_to_ask(site.networks.onvif, options.network)
    except FindingRefused as refused:
        return fail(f"cameras discover: {refused}", exit_codes.MISUSED)
    found = recognised(asyncio.run(discover(asked)), _known(site))
    sys.stdout.write("".join(f"{_line(one)}\n" for one in found))
    sys.stdout.write(f"{len(found)} cameras answered, {len(asked)} addresses were asked\n")
    return exit_codes.OK


def _known(site: Site) -> list[KnownCamera]:
    if site.registry.source == "database":
        with closing(Archive(archive_url(site))) as archive:
            return known_cameras(RegistryRepository(archive.database))
    return [
        known_camera(
            camera.id,
            {
                "source": camera.source.reveal(),
                "onvif": camera.onvif.model_dump() if camera.onvif else None,
            },
        )
        for camera in site.cameras
    ]


def _line(found: FoundCamera) -> str:
    device = found.device
    state = "new" if found.known is None else found.known.id
    if found.known is not None and found.moved:
        state = f"{found.known.id}, at another address in the registry"
    facts = (device.address, device.name, device.hardware, device.mac, device.service, state)
    return "  ".join(str(one) for one in facts if one)
