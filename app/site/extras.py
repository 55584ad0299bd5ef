"""Optional extras that settings need, and whether they are installed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from thapcanh.config.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """One extra, a module that proves it is installed, and the settings that need it."""

    name: str
    module: str
    settings: Callable[[Site], Iterable[str]]
    """Return the paths of the settings of a site that need it."""


def missing_extras(site: Site) -> Iterator[str]:
    """Yield a line for each setting whose extra is not installed, with the way out."""
    for extra in EXTRAS:
        if find_spec(extra.module) is None:
            for setting in extra.settings(site):
                yield (
                    f"{setting}: needs {extra.module}, which is not installed: "
                    f"pip install 'thapcanh[{extra.name}]'"
                )


def _cluster(site: Site) -> Iterator[str]:
    if site.cluster.head is not None:
        yield "cluster.head"


def _ldap(site: Site) -> Iterator[str]:
    if site.ldap.url is not None:
        yield "ldap.url"


def _notify(site: Site) -> Iterator[str]:
    yield from (f"targets.{each.id}" for each in site.targets if each.kind == "apprise")


def _onnx(site: Site) -> Iterator[str]:
    if site.detector.kind == "onnx" or site.detector.weights.endswith(".onnx"):
        yield "detector.weights"


def _panels(site: Site) -> Iterator[str]:
    yield from (f"receivers.{each.id}" for each in site.receivers if each.make == "sia_dc09")


def _postgres(site: Site) -> Iterator[str]:
    if site.archive.url is not None and site.archive.url.reveal().startswith("postgres"):
        yield "archive.url"


def _roads(site: Site) -> Iterator[str]:
    if site.map.roads is not None:
        yield "map.roads"


def _s3(site: Site) -> Iterator[str]:
    for place, storage in (("evidence", site.evidence), ("recording", site.recording)):
        if storage.store == "s3":
            yield f"{place}.store"


EXTRAS = (
    Extra(name="cluster", module="ray", settings=_cluster),
    Extra(name="ldap", module="ldap3", settings=_ldap),
    Extra(name="notify", module="apprise", settings=_notify),
    Extra(name="onnx", module="onnxruntime", settings=_onnx),
    Extra(name="panels", module="pysiaalarm", settings=_panels),
    Extra(name="postgres", module="psycopg", settings=_postgres),
    Extra(name="roads", module="valhalla", settings=_roads),
    Extra(name="s3", module="botocore", settings=_s3),
)
