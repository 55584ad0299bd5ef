"""Kinds found in a folder's modules and in entry points of other packages."""

import logging
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from types import MappingProxyType, ModuleType
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

K = TypeVar("K")


def modules_in(folder: ModuleType) -> Iterator[pkgutil.ModuleInfo]:
    """Yield the modules and packages of a folder, by their full names, without importing them."""
    return pkgutil.iter_modules(folder.__path__, f"{folder.__name__}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKinds(Generic[K]):
    """Kinds by name, ours first, with the entry points that could not be loaded and why."""

    by_name: Mapping[str, K]
    problems: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFinder(Generic[K]):
    """Search for the kinds of one type: where they are and how they are named."""

    type: type[K]
    folder: ModuleType
    constant: str
    """What a module of the folder calls its own, if it has one."""
    entry_points: str
    """The group that other packages name theirs in."""
    names: Callable[[K], tuple[str, ...]]

    def find(self) -> FoundKinds[K]:
        return self.collected(self._own(), entry_points(group=self.entry_points))

    def find_and_log(self) -> Mapping[str, K]:
        """Return the kinds by name and log problems of those from other packages."""
        found = self.find()
        for name, problem in found.problems:
            log.error("%s: %s: %s", self.entry_points, name, problem)
        return found.by_name

    def collected(self, builtin: Iterable[K], others: Iterable[EntryPoint]) -> FoundKinds[K]:
        """Collect our kinds and those of other packages; the first of two with one name stays."""
        by_name = {name: each for each in builtin for name in self.names(each)}
        problems: list[tuple[str, str]] = []
        for point in others:
            try:
                each = self._loaded(point)
                names = self.names(each)
            except Exception as error:  # noqa: BLE001 (whatever code from outside raises: the watch goes on)
                problems.append((point.name, f"{point.value} cannot be used: {error}"))
                continue
            for name in names:
                if name in by_name:
                    reported = f"{point.value}: the kind {name!r} is there already"
                    problems.append((point.name, reported))
                else:
                    by_name[name] = each
        return FoundKinds(by_name=MappingProxyType(by_name), problems=tuple(problems))

    def _own(self) -> Iterable[K]:
        for name in (module.name for module in modules_in(self.folder)):
            try:
                found = getattr(import_module(name), self.constant, None)
            except ModuleNotFoundError as missing:
                if find_spec((missing.name or name).partition(".")[0]) is not None:
                    raise  # its package is there: a name is wrong
                log.info("%s needs %s, which is not installed", name, missing.name)
                continue
            if isinstance(found, self.type):
                yield found

    def _loaded(self, point: EntryPoint) -> K:
        found = point.load()
        if not isinstance(found, self.type):
            kind = type(found).__name__
            raise TypeError(f"it is a {kind}, expected a {self.type.__name__}")
        return found
