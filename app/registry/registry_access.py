"""Access to the registry over HTTP: editor, scope, revision and refusals."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Annotated

from fastapi import Header

from thapcanh.alerts.registry.ownership import EntryNotOwned
from thapcanh.alerts.registry.records import Author, EntryKind, RegistryConflict
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.registry.scoped import ScopedRegistry
from thapcanh.alerts.store.roles import Role
from thapcanh.app.registry.editing import (
    Editing,
    EntryForbidden,
    EntryInUse,
    EntryRefused,
    EntryUnregistered,
    WatchAreaRefused,
)
from thapcanh.app.registry.editor import RegistryEditor
from thapcanh.app.site.site_file import entry_check
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.errors import ApiError, InvalidInput
from thapcanh.app.web_api.messages.findings import FindingWords
from thapcanh.config.credentials import CredentialError, CredentialKey
from thapcanh.config.registry.entry_check import EntryCheck
from thapcanh.ingest.address_guard import added_cameras

EDITS = frozenset({Role.TECHNICIAN, Role.ADMIN})
READS = EDITS | {Role.LEADER, Role.AUDITOR, Role.AGENCY}
_REVISION = re.compile(r'^(?:W/)?"?(\d{1,18})"?$')
_MOST_PROBLEMS = 200


def registry_of(caller: CurrentUser, state: AppState) -> ScopedRegistry:
    """Return the registry within the caller's scope."""
    return ScopedRegistry(repository_of(state), caller.scope)


def repository_of(state: AppState) -> RegistryRepository:
    """Return the whole registry, for checks only."""
    return RegistryRepository(state.services.archive.database)


def editor_of(state: AppState) -> RegistryEditor:
    """Return the editor; raise `ApiError` if the site is configured by files."""
    if state.services.site().registry.source == "files":
        raise ApiError(409, "registry_in_files")
    return RegistryEditor(repository_of(state), entry_checks(), CredentialKey(os.environ))


def editing_of(caller: CurrentUser, state: AppState, origin: str = "form") -> Editing:
    """Return the author of a change, in the role that permits it."""
    role = Role.TECHNICIAN if Role.TECHNICIAN in caller.roles else Role.ADMIN
    author = Author(
        username=caller.session.user.username,
        role=role.value,
        at=state.services.clock.utc(),
        origin=origin,
    )
    guard = added_cameras(state.services.site().networks)
    tells_others = Role.ADMIN in caller.roles
    return Editing(author=author, scope=caller.scope, guard=guard, tells_others=tells_others)


def expected_revision(if_match: Annotated[str | None, Header()] = None) -> int:
    if if_match is None:
        raise ApiError(428, "version_required")
    found = _REVISION.match(if_match)
    if found is None:
        raise InvalidInput("header.If-Match", "int_parsing")
    return int(found[1])


def check_free(state: AppState, kind: EntryKind, name: object) -> None:
    """Refuse a target with the id of one in the files."""
    if kind is EntryKind.TARGETS and any(one.id == name for one in state.services.site().targets):
        raise ApiError(409, "entry_changed", name=name)


@contextmanager
def refusals() -> Iterator[None]:
    """Say what cannot be done in the API's form."""
    try:
        yield
    except (EntryUnregistered, EntryNotOwned):
        raise ApiError(404, "entry_not_found") from None
    except EntryForbidden:
        raise ApiError(403, "not_allowed") from None
    except RegistryConflict as error:
        raise ApiError(409, "entry_changed", name=error.name) from None
    except CredentialError as error:
        raise ApiError(409, "entry_key", problem=FindingWords(str(error))) from None
    except EntryInUse as error:
        raise ApiError(
            409, "entry_in_use", cameras=error.cameras, areas=error.areas, one=error.one
        ) from None
    except WatchAreaRefused as error:
        raise ApiError(409, error.name) from None
    except EntryRefused as error:
        shown = [
            {"path": one.path, "message": FindingWords(one.message)}
            for one in error.findings[:_MOST_PROBLEMS]
        ]
        first = error.findings[0]
        raise ApiError(
            422,
            "entry_refused",
            extra={"problems": shown},
            problem=FindingWords(first.message, first.path),
        ) from None


@cache
def entry_checks() -> EntryCheck:
    """Return the checker of entries, cached because its models are slow to build."""
    return entry_check()
