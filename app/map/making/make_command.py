"""`thapcanh map make EXTRACT FILE`: the street map of an extract of OpenStreetMap (`.osm.pbf`)."""

import re
import sys
from collections import Counter
from pathlib import Path

from thapcanh.app.map.archive import Bounds
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import fail

ZOOMS = range(8, 16)
ABOUT = {"attribution": "© OpenStreetMap", "description": "Made from an OpenStreetMap extract."}
_MISSING = "osmium or mapbox-vector-tile is not installed: pip install 'thapcanh[map]'"
_BOUNDS = re.compile(r"^-?\d+(\.\d+)?(,-?\d+(\.\d+)?){3}$")


def bounds_of(text: str) -> Bounds:
    """West, south, east, north in degrees; raise `ValueError` where they are no rectangle."""
    if not _BOUNDS.match(text):
        raise ValueError(f"--bounds {text!r}: expected west,south,east,north in degrees")
    west, south, east, north = (float(item) for item in text.split(","))
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise ValueError(f"--bounds {text!r}: expected west < east and south < north in degrees")
    return Bounds(west=west, south=south, east=east, north=north)


def run_map_make(extract: Path, file: Path, bounds: str | None) -> int:
    """Write the archive, print its contents, then run `map check`."""
    try:
        area = bounds_of(bounds) if bounds else None
    except ValueError as error:
        return fail(error, exit_codes.MISUSED)
    if file.suffix != ".pmtiles":
        return fail(f"{file}: the map's name ends in .pmtiles", exit_codes.MISUSED)
    try:
        from thapcanh.app.map.making.osm_features import Extract
        from thapcanh.app.map.making.vector_tiles import write_archive
    except ModuleNotFoundError:
        return fail(_MISSING, exit_codes.FAILED)
    try:
        found = Extract(extract, area)
        features = found.features()
        if not features:
            return fail(
                f"{extract}: has no street, water or place within the bounds", exit_codes.FAILED
            )
        tiles = write_archive(file, features, found.bounds, ZOOMS, {"name": file.stem, **ABOUT})
    except RuntimeError as error:  # osmium's; it names the fault
        return fail(f"{extract}: {error}", exit_codes.FAILED)
    except OSError as error:
        return fail(f"{file}: {error.strerror}", exit_codes.FAILED)
    if found.has_coast:
        sys.stderr.write(f"{extract}: has a coast: the sea is drawn as land (docs/map.md)\n")
    counts = Counter(feature.layer for feature in features)
    listed = ", ".join(f"{layer} {count}" for layer, count in sorted(counts.items()))
    sys.stdout.write(f"{file}: {tiles} tiles, {file.stat().st_size} bytes; {listed}\n")
    return exit_codes.OK
