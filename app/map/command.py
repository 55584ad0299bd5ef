"""`thapcanh map check FILE`: whether a `.pmtiles` file serves as this site's street map."""

import sys
from pathlib import Path

from app.map.archive import MapArchive
from app.map.archive_check import archive_faults, placed
from app.process import exit_codes
from config.camera import CameraConfig


def run_map_check(file: Path, config: Path) -> int:
    """Print each fault to standard error, a summary to standard output; 1 with any fault."""
    cameras = _cameras(config)
    archive, faults = archive_faults(file, cameras or ())
    sys.stderr.write("".join(f"{file}: {fault}\n" for fault in faults))
    if archive is not None:
        sys.stdout.write(f"{file}: {_summary(archive)}{_of_cameras(cameras)}\n")
    return exit_codes.FAILED if faults else exit_codes.OK


def _cameras(config: Path) -> tuple[CameraConfig, ...] | None:
    """The site's cameras; None where there is no configuration to ask."""
    from app.site.site_file import load_site

    if not config.is_file():
        return None
    site = load_site(config).site
    return None if site is None else site.cameras


def _summary(archive: MapArchive) -> str:
    edges = archive.bounds
    parts = [
        archive.tile_type.value,
        f"zoom {archive.min_zoom} to {archive.max_zoom}",
        f"longitude {edges.west:.4f} to {edges.east:.4f}",
        f"latitude {edges.south:.4f} to {edges.north:.4f}",
        archive.attribution or "no attribution",
    ]
    return ", ".join(parts)


def _of_cameras(cameras: tuple[CameraConfig, ...] | None) -> str:
    if cameras is None:
        return "; no configuration: cameras' places were not compared"
    return f"; {len(placed(cameras))} of {len(cameras)} cameras have a place"
