"""Command `thapcanh check`: reports every problem of a configuration with its path.

They are examined here, so that what would stop a process at its start is reported earlier.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from thapcanh.alerts.queue.redis_keys import missing_rights
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.errors import ArchiveError, QueueError, QueueRefused
from thapcanh.app.accounts.token_command import ownerless_tokens
from thapcanh.app.process import exit_codes
from thapcanh.app.registry.site import read_site
from thapcanh.app.site.copy_disk import missing_copy_disks
from thapcanh.app.site.extras import missing_extras
from thapcanh.app.site.site_paths import archive_url, missing_archive, queue_address, site_paths_of
from thapcanh.config.geometry import crossing_edges
from thapcanh.config.problem import Weight
from thapcanh.config.site import ANY_DETECTOR, Site
from thapcanh.ingest.sources.substream import second_stream_of

MADE_BY_THE_SITE = {"site.data_dir", "site.cache_dir", "recording.dir"}
MADE_WHERE_MISSING = {
    "archive.log_key",
    "centre.second_factor_key",
    "log_heads.drop",
    "log_heads.key_file",
}
HINTS_SHOWN = 3
FAULTS_SHOWN = 5


def run_check(path: Path) -> int:
    """Print the problems to standard error, a summary to standard output; 1 when there are any."""
    loaded = read_site(path)
    problems = [str(problem) for problem in loaded.problems]
    if loaded.site is None:
        _report(problems)
        sys.stdout.write(f"{path}: cannot start, {_count(len(problems), 'problem')}\n")
        return exit_codes.FAILED
    rights, unasked = _of_queue(loaded.site)
    named = [
        f"{path}: {problem}"
        for problem in (*_of_named_files(loaded.site), *missing_extras(loaded.site), *rights)
    ]
    _report([*problems, *named])
    aside = sum(problem.weight is Weight.SET_ASIDE for problem in loaded.problems)
    sys.stdout.write(f"{path}: {_summary(loaded.site, aside, len(problems) - aside, len(named))}\n")
    shown = [*hints(loaded.site), *unasked, *_of_tokens(loaded.site)]
    sys.stdout.write("".join(f"  hint: {hint}\n" for hint in shown))
    return exit_codes.FAILED if problems or named else exit_codes.OK


def hints(site: Site) -> list[str]:
    """Return hints for a valid configuration: costs, untested targets, unmounted disks."""
    unmounted = missing_copy_disks(site_paths_of(site))
    return [*_of_first_streams(site), *_of_untested(site), *unmounted]


def _of_first_streams(site: Site) -> list[str]:
    """Return cameras that are analysed by their large first stream."""
    proposed = [
        (camera.id, second_stream_of(str(camera.source)))
        for camera in site.cameras
        if camera.main_source is None
    ]
    found = [f"{name}: {second}" for name, second in proposed if second is not None]
    if not found:
        return []
    shown = ", ".join(found[:HINTS_SHOWN]) + (" …" if len(found) > HINTS_SHOWN else "")
    return [
        f"{_count(len(found), 'camera')} watched by the first stream; the second one costs less, "
        f"with the first as main_source for live view: {shown}"
    ]


def _of_untested(site: Site) -> Iterator[str]:
    """Yield targets that have no periodic test."""
    for target in site.targets:
        if not target.has_test:
            yield (
                f"targets.{target.id}: texts callers and is never tested; with a telephone of the "
                "centre's own as test_number it is, every day"
            )


def _of_queue(site: Site) -> tuple[list[str], list[str]]:
    """Return the Valkey rights that the user lacks; a hint if the queue does not answer."""
    if site.queue.url is None:
        return [], []
    try:
        missing = missing_rights(queue_address(site))
    except QueueRefused as error:
        return [f"queue.url: {error}"], []
    except QueueError as error:
        return [], [f"{error}: what its user may do was not asked"]
    if not missing:
        return [], []
    return [f"queue.url: its user may not {', '.join(missing)} (docs/servers.md, Queue)"], []


def _of_tokens(site: Site) -> list[str]:
    """Tokens in force that were made before each had an owner; they still open what they did."""
    url = archive_url(site)
    if missing_archive(url) is not None:
        return []
    try:
        database = Database(url)
        try:
            return ownerless_tokens(database, time.time())
        finally:
            database.close()
    except ArchiveError as error:
        return [f"{error}: its tokens were not looked at"]


def _report(problems: list[str]) -> None:
    sys.stderr.write("".join(f"{problem}\n" for problem in problems))


def _summary(site: Site, set_aside: int, placeless: int, named: int) -> str:
    cameras, rules = len(site.cameras), len(site.rules)
    parts = [f"{_count(cameras, 'camera')}, {_count(rules, 'rule')} run"]
    parts += [f"{_count(set_aside, 'problem')}, set aside"] if set_aside else []
    parts += [f"{_count(placeless, 'problem')}, watched without its place"] if placeless else []
    parts += [f"{_count(named, 'problem')} with what it names"] if named else []
    return ", ".join(parts)


def _of_named_files(site: Site) -> Iterator[str]:
    """Yield problems of the files that the site would open, and of drawn shapes."""
    for place, path in (*_paths_in(site), *_camera_files(site)):
        if place in MADE_BY_THE_SITE:
            if path.exists() and not path.is_dir():
                yield f"{place}: {path} is no folder"
        elif not os.access(path, os.R_OK):
            reason = "cannot be read" if path.exists() else "does not exist"
            yield f"{place}: {path} {reason}"
    yield from _of_layers(site)
    yield from _of_statistics(site)
    yield from _of_detector(site)
    yield from _of_cameras(site)


def _paths_in(table: BaseModel, place: str = "") -> Iterator[tuple[str, Path]]:
    """Yield every configured file and folder with its key, found by the value's type."""
    for key in type(table).model_fields:
        value, key_path = getattr(table, key), f"{place}{key}"
        if isinstance(value, Path) and key_path not in MADE_WHERE_MISSING:
            yield key_path, value
        elif isinstance(value, BaseModel):
            yield from _paths_in(value, f"{key_path}.")
        elif isinstance(value, tuple):
            for problem in value:
                if isinstance(problem, BaseModel):
                    yield from _paths_in(problem, f"{key_path}.{getattr(problem, 'id', '')}.")


def _of_cameras(site: Site) -> Iterator[str]:
    """Yield problems: no cameras, cameras without rules, invalid zones."""
    if site.registry.source == "fleet":
        if site.cameras:
            yield 'cameras: registry.source is "fleet": the head hands out cameras, not this file'
    elif site.registry.source == "files" and not site.cameras:
        yield "cameras: none, so nothing is watched; `thapcanh init` writes a first one"
    for camera in site.cameras:
        for zone in camera.zones:
            crossing = crossing_edges(zone.polygon)
            if crossing is not None:
                edges = f"after points {crossing[0]} and {crossing[1]}"
                yield f"cameras.{camera.id}.zones.{zone.id}.polygon: crosses itself {edges}"


def _of_layers(site: Site) -> Iterator[str]:
    """Yield the files of `[[map.layers]]` and each of their features that is left out."""
    from thapcanh.app.map.layer_files import read_layer

    for layer in site.map.layers:
        faults = read_layer(layer).faults
        place = f"map.layers.{layer.id}.file: {layer.file}"
        yield from (f"{place}: {fault}" for fault in faults[:FAULTS_SHOWN])
        if len(faults) > FAULTS_SHOWN:
            yield f"{place}: {_count(len(faults) - FAULTS_SHOWN, 'more feature')} left out"


def _of_statistics(site: Site) -> Iterator[str]:
    """Yield what prevents exporting the statistics by the site's own form."""
    from thapcanh.app.statistics.statistic_form import FormWrong, read_form

    path = site.centre.statistics_form
    if path is None or not os.access(path, os.R_OK):
        return
    try:
        read_form(path)
    except FormWrong as error:
        yield from (f"centre.statistics_form: {path}: {problem}" for problem in error.problems)


def _camera_files(site: Site) -> Iterator[tuple[str, Path]]:
    from thapcanh.ingest.sources.schemes.local_file import local_path

    for camera in site.cameras:
        sources = (("source", camera.source), ("main_source", camera.main_source))
        for key, source in sources:
            if source is not None and source.scheme in ("", "file"):
                yield f"cameras.{camera.id}.{key}", Path(local_path(source))


def _of_detector(site: Site) -> Iterator[str]:
    from thapcanh.detection.detectors.model_card import vouched_weights
    from thapcanh.detection.detectors.registry import detector_kind
    from thapcanh.detection.errors import DetectorError, WeightsError

    models = {"detector": site.detector}
    if site.detector.objects is not None:
        models["detector.objects"] = site.detector.objects.as_detector()
    for place, model in models.items():
        if model.kind != ANY_DETECTOR:
            try:
                detector_kind(model.kind)
            except DetectorError as error:
                yield str(error)
        try:
            vouched_weights(model)
        except WeightsError as error:
            yield f"{place}.weights: {error}"


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number} {what}s"
