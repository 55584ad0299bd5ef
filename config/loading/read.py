"""Parsing of `thapcanh.toml` and `cameras.d/*.toml` into raw entries."""

import hashlib
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli

from thapcanh.config.credentials import CameraCredentials
from thapcanh.config.loading.files import ON_DISK, ConfigFiles
from thapcanh.config.problem import ConfigProblem, Weight
from thapcanh.config.secret import resolve_references

LISTS = (
    "agencies", "areas", "cameras", "rules", "targets", "devices", "receivers",
    "cot_receivers", "exchanges", "cap_feeds", "run_cards",
)  # fmt: skip
EXTRA_FOLDER = "cameras.d"
MOST_BYTES = 8 << 20
TOO_DEEP = re.compile(rb"(?<![^\s.=,])(?:[^\s.=,]++[ \t]*+\.[ \t]*+){100}")
"""A key of so many parts: the parser takes time by the square of them. This one begins only where
a part does and never goes back, so that its own time grows with the file alone."""
_URL_KEYS = frozenset({"source", "main_source", "url", "sentinels"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigEntry:
    """Entry of a list as written; `path` is e.g. `cameras[2]`.

    `is_whole` is false if one of its secrets is missing. `memo` holds its validation results, for
    entries that outlive one reading.
    """

    file: str
    folder: Path
    path: str
    table: dict[str, Any]
    is_whole: bool
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """Parsed content of a file with unresolved references."""

    digest: bytes
    document: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """Sources of references, exclusions, and earlier parse results."""

    environ: Mapping[str, str]
    credentials: CameraCredentials
    omit: Collection[str] = ()
    parsed: Mapping[Path, ParsedFile] = field(default_factory=dict)
    files: ConfigFiles = ON_DISK


@dataclass(slots=True)
class RawConfig:
    """All files together: the single tables of the main file, and the entries of all files."""

    tables: dict[str, Any] = field(default_factory=dict)
    entries: dict[str, list[ConfigEntry]] = field(
        default_factory=lambda: {name: [] for name in LISTS}
    )
    problems: list[ConfigProblem] = field(default_factory=list)
    documents: dict[Path, ParsedFile] = field(default_factory=dict, repr=False)


def read_all(
    path: Path,
    environ: Mapping[str, str] | None = None,
    omit: Collection[str] = (),
    before: RawConfig | None = None,
    files: ConfigFiles = ON_DISK,
) -> RawConfig:
    """Read the main file and the files in `cameras.d/`, in name order.

    Tables and lists in `omit` are not read, nor are their secrets. A file with the content that it
    has in `before` is not parsed again.
    """
    raw = RawConfig()
    variables = os.environ if environ is None else environ
    reading = _Reading(
        environ=variables,
        credentials=CameraCredentials(path, variables, files.read),
        omit=omit,
        parsed=before.documents if before is not None else {},
        files=files,
    )
    _read_one(path, raw, main=True, reading=reading)
    for extra in _extras(files, path.parent / EXTRA_FOLDER, raw.problems):
        _read_one(extra, raw, main=False, reading=reading)
    return raw


def _extras(files: ConfigFiles, folder: Path, problems: list[ConfigProblem]) -> list[Path]:
    try:
        return files.extras(folder)
    except OSError as error:
        message = f"cannot be listed: {error.strerror or error}"
        problems.append(_problem(folder, message, Weight.SET_ASIDE))
        return []


def _read_one(path: Path, raw: RawConfig, *, main: bool, reading: _Reading) -> None:
    """Read a file into `raw`; an unexpected error becomes a problem of this file."""
    found = RawConfig()
    try:
        _read_into(path, found, main=main, reading=reading)
    except Exception as error:  # noqa: BLE001 the outermost line of a file: none stops the others
        weight = Weight.FATAL if main else Weight.SET_ASIDE
        message = f"cannot be understood: {_why(error)}"
        raw.problems.append(_problem(path, message, weight))
        return
    raw.tables.update(found.tables)
    raw.problems.extend(found.problems)
    raw.documents.update(found.documents)
    for name in LISTS:
        raw.entries[name].extend(found.entries[name])


def _why(error: Exception) -> str:
    """Return a reason that a person can act on; never a value, which may hold a secret."""
    if isinstance(error, RecursionError):
        return "tables or lists stand too deep in each other"
    if isinstance(error, ValueError) and "integer string conversion" in str(error):
        return "a number has too many digits"
    return type(error).__name__


def _read_into(path: Path, raw: RawConfig, *, main: bool, reading: _Reading) -> None:
    weight = Weight.FATAL if main else Weight.SET_ASIDE
    document = _parsed(path, raw, reading, weight)
    if document is None:
        return
    if main and not document:
        raw.problems.append(_problem(path, "the file is empty, expected at least one [[cameras]]"))
    for key, value in document.items():
        if key in reading.omit:
            continue
        if key in LISTS:
            _add_entries(path, key, value, raw, reading)
        elif main:
            raw.tables[key] = _resolved(path, key, value, raw.problems, reading)
        else:
            expected = ", ".join(LISTS)
            raw.problems.append(
                ConfigProblem(
                    file=file_label(path),
                    path=key,
                    message=f"not expected in {EXTRA_FOLDER}, only {expected} are",
                    weight=Weight.SET_ASIDE,
                )
            )


def file_label(path: Path) -> str:
    """Return what a file is called for people: its name, with its folder if that is `cameras.d`."""
    return f"{EXTRA_FOLDER}/{path.name}" if path.parent.name == EXTRA_FOLDER else path.name


def _parsed(path: Path, raw: RawConfig, reading: _Reading, weight: Weight) -> dict[str, Any] | None:
    existing = reading.parsed.get(path)
    try:
        content = reading.files.read(path, MOST_BYTES)
        digest = hashlib.blake2b(content).digest()
        if existing is None or existing.digest != digest:
            if TOO_DEEP.search(content):
                raise RecursionError
            document = tomli.loads(content.decode("utf-8-sig"))
            existing = ParsedFile(digest=digest, document=_sharing(document, {}))
        raw.documents[path] = existing
        return existing.document
    except FileNotFoundError as error:
        message = f"cannot be read: {error.strerror}; `thapcanh init` writes a first one"
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
    except UnicodeDecodeError:
        message = "is not a text file (UTF-8), expected TOML"
    except tomli.TOMLDecodeError as error:
        message = f"is not TOML: {error}"
    raw.problems.append(_problem(path, message, weight))
    return None


def _sharing(value: Any, existing: dict[str, str]) -> Any:
    """Return the value with equal texts shared in memory: a city's entries repeat them."""
    if isinstance(value, str):
        return existing.setdefault(value, value)
    if isinstance(value, dict):
        return {
            existing.setdefault(key, key): _sharing(item, existing) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_sharing(item, existing) for item in value]
    return value


def _add_entries(path: Path, key: str, value: Any, raw: RawConfig, reading: _Reading) -> None:
    if not isinstance(value, list):
        message = f"expected a list, write [[{key}]] for each"
        raw.problems.append(
            ConfigProblem(file=file_label(path), path=key, message=message, weight=Weight.FATAL)
        )
        return
    for index, item in enumerate(value):
        place = f"{key}[{index}]"
        if not isinstance(item, dict):
            message = f"expected a table, found {type(item).__name__}"
            raw.problems.append(
                ConfigProblem(
                    file=file_label(path), path=place, message=message, weight=Weight.SET_ASIDE
                )
            )
            continue
        found: list[ConfigProblem] = []
        table = _resolved(path, place, item, found, reading, weight=Weight.SET_ASIDE)
        raw.problems.extend(found)
        raw.entries[key].append(
            ConfigEntry(
                file=file_label(path),
                folder=path.parent,
                path=place,
                table=table,
                is_whole=not found,
            )
        )


def _resolved(
    path: Path,
    place: str,
    value: Any,
    problems: list[ConfigProblem],
    reading: _Reading,
    *,
    weight: Weight = Weight.FATAL,
) -> Any:
    """Resolve `${env:…}` and `${file:…}`; a missing one is a problem."""
    if isinstance(value, dict):
        return {
            key: _resolved(path, f"{place}.{key}", item, problems, reading, weight=weight)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [
            _resolved(path, f"{place}[{index}]", item, problems, reading, weight=weight)
            for index, item in enumerate(value)
        ]
    if not isinstance(value, str) or "$" not in value:
        return value
    try:
        return resolve_references(
            value,
            reading.environ,
            in_url=place.rpartition(".")[2].partition("[")[0] in _URL_KEYS,
            credentials=reading.credentials,
            folder=path.parent,
        )
    except LookupError as error:
        problems.append(
            ConfigProblem(
                file=file_label(path), path=place, message=str(error.args[0]), weight=weight
            )
        )
        return value


def _problem(path: Path, message: str, weight: Weight = Weight.FATAL) -> ConfigProblem:
    return ConfigProblem(file=str(path), path="", message=message, weight=weight)
