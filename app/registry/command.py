"""Command `thapcanh cameras import|export|discover`."""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from thapcanh.alerts.registry.records import Author, RegistryConflict
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.store.roles import SYSTEM
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import console_user, fail
from thapcanh.app.registry.discovery.finding import (
    FindingRefused,
    FoundCamera,
    RegisteredCamera,
    addresses_to_query,
    recognised,
    registered_camera,
    registered_cameras,
)
from thapcanh.app.registry.editing import Editing
from thapcanh.app.registry.editor import RegistryEditor
from thapcanh.app.registry.export import export_text
from thapcanh.app.registry.import_files import ImportUnreadable, read_rows
from thapcanh.app.registry.import_plan import ImportPlan, plan_import
from thapcanh.app.site.site_archive import site_archive
from thapcanh.app.site.site_file import entry_check, load_site
from thapcanh.config.credentials import CameraCredentials, CredentialKey
from thapcanh.config.problem import ConfigError
from thapcanh.config.secret import resolve_references
from thapcanh.config.site import Site
from thapcanh.ingest.onvif.discovery import discover

_SHOWN = 50


def run_cameras(options: argparse.Namespace) -> int:
    """`thapcanh cameras import|export|discover`; returns the exit code."""
    work = _import if options.action == "import" else _export
    try:
        if options.action == "discover":
            return _run_discover(options)
        site = load_site(options.config).site_or_raise()
        with closing(site_archive(site)) as archive:
            return work(RegistryRepository(archive.database), options)
    except ConfigError as error:
        return fail(error)
    except (ArchiveError, ImportUnreadable, RegistryConflict, OSError) as error:
        return fail(error, exit_codes.FAILED)


def _run_discover(options: argparse.Namespace) -> int:
    """Ask, and print a line a camera; raises `ConfigError` and `ArchiveError`."""
    site = load_site(options.config).site_or_raise()
    try:
        addresses = addresses_to_query(site.networks.onvif, options.network)
    except FindingRefused as refused:
        return fail(f"cameras discover: {refused}", exit_codes.MISUSED)
    found = recognised(asyncio.run(discover(addresses)), _registered(site))
    sys.stdout.write("".join(f"{_line(item)}\n" for item in found))
    sys.stdout.write(f"{len(found)} cameras answered, {len(addresses)} addresses were asked\n")
    return exit_codes.OK


def _import(repository: RegistryRepository, options: argparse.Namespace) -> int:
    if options.file is None:
        return fail("cameras import: name the file", exit_codes.MISUSED)
    rows = read_rows(options.file.read_bytes(), options.file.suffix.lower().lstrip("."))
    editor = RegistryEditor(repository, entry_check(), CredentialKey(os.environ))
    author = Author(username=console_user(), role=SYSTEM, at=time.time(), origin="import")
    resolve = _resolver(options.config, options.file.parent)
    editing = Editing(author=author)
    plan = plan_import(rows, editor, repository, editing, resolve)
    if plan.problems:
        sys.stderr.write("".join(f"{options.file.name}: {item}\n" for item in plan.problems))
        text = f"{len(plan.problems)} problems, nothing was imported"
        return fail(f"{options.file.name}: {text}", exit_codes.FAILED)
    sys.stdout.write("".join(f"{line}\n" for line in _difference(plan)) if options.dry_run else "")
    if not options.dry_run:
        editor.write_all(plan.judged, editing)
    verb = "would be" if options.dry_run else "were"
    sys.stdout.write(
        f"{plan.created} {verb} added, {plan.changed} changed, {plan.unchanged} are as they were\n"
    )
    return exit_codes.OK


def _export(repository: RegistryRepository, options: argparse.Namespace) -> int:
    form = options.file.suffix.lower().lstrip(".") if options.file else options.format
    text = export_text(repository, form)
    if options.file is None:
        sys.stdout.write(text)
    else:
        options.file.write_text(text, encoding="utf-8")
    return exit_codes.OK


def _difference(plan: ImportPlan) -> Iterator[str]:
    for change in plan.changes[:_SHOWN]:
        yield f"{'+' if change.is_new else '~'} {change.kind} {change.id} (line {change.line})"
        if not change.is_new:
            for key in sorted({*change.before, *change.after}):
                yield f"    {key}: {change.before.get(key)} -> {change.after.get(key)}"
    if len(plan.changes) > _SHOWN:
        yield f"… and {len(plan.changes) - _SHOWN} more"


def _resolver(config: Path, folder: Path) -> Callable[[str], str]:
    """Return the resolver of a file's secrets; logins by name stay references."""
    credentials = CameraCredentials(config, os.environ)

    def resolve(source: str) -> str:
        if "${credential:" in source:
            resolve_references(source, in_url=True, credentials=credentials)  # is it there?
            return source
        return resolve_references(source, in_url=True, folder=folder)

    return resolve


def _registered(site: Site) -> list[RegisteredCamera]:
    if site.registry.source == "database":
        with closing(site_archive(site)) as archive:
            return registered_cameras(RegistryRepository(archive.database))
    return [
        registered_camera(
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
    return "  ".join(str(item) for item in facts if item)
