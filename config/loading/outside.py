"""Loading of targets, run cards, devices, receivers, exchanges and feeds."""

from collections.abc import Collection, Iterator
from functools import partial

from thapcanh.config.devices import (
    CotReceiverConfig,
    DeviceConfig,
    ExchangeConfig,
    PanelReceiverConfig,
)
from thapcanh.config.dispatch.run_cards import RunCardConfig
from thapcanh.config.frozen import Frozen
from thapcanh.config.loading.entries import is_first, listed, set_aside, validated
from thapcanh.config.loading.read import RawConfig
from thapcanh.config.problem import ConfigProblem, Weight
from thapcanh.config.servers.cap_feeds import CapFeedConfig
from thapcanh.config.targets import TargetConfig, TargetModels

Known = tuple[Collection[str], Collection[str]]  # agencies and areas of the site


def targets_of(
    raw: RawConfig, existing: Known, models: TargetModels, problems: list[ConfigProblem]
) -> tuple[TargetConfig, ...]:
    """Return the usable targets, each validated by the model of its kind."""
    found = _of_kinds(raw, models, problems)
    named = {
        one.id: [
            *(("agencies", name) for name in sorted(set(one.agencies or ()) - set(existing[0]))),
            *(("areas", name) for name in sorted(set(one.areas or ()) - set(existing[1]))),
        ]
        for one in found
    }
    wrong = _reported(raw, "targets", named, problems)
    return tuple(one for one in found if one.id not in wrong)


def _of_kinds(
    raw: RawConfig, models: TargetModels, problems: list[ConfigProblem]
) -> list[TargetConfig]:
    found: dict[str, TargetConfig] = {}
    for entry in raw.entries["targets"]:
        model = models.model_of(entry.table.get("kind"))
        if model is None:
            problems.append(set_aside(entry, "kind", models.expected()))
            continue
        target = validated(
            partial(model.model_validate_json, strict=True),
            entry,
            model,
            Weight.SET_ASIDE,
            problems,
            mend=models.without_others_keys,
        )
        if target is not None and is_first(target.id, found, entry, problems):
            found[target.id] = target
    return list(found.values())


def run_cards_of(
    raw: RawConfig, existing: Known, problems: list[ConfigProblem]
) -> tuple[RunCardConfig, ...]:
    """Return the usable run cards; one with an unlisted area is set aside."""
    found = listed(raw, "run_cards", RunCardConfig, problems)
    named = {
        one.id: [("areas", name) for name in sorted(set(one.areas or ()) - set(existing[1]))]
        for one in found
    }
    wrong = _reported(raw, "run_cards", named, problems)
    return tuple(one for one in found if one.id not in wrong)


def devices_of(
    raw: RawConfig, existing: Known, cameras: Collection[str], problems: list[ConfigProblem]
) -> tuple[DeviceConfig, ...]:
    """Return the usable devices; an id must differ from those of cameras too."""
    found = listed(raw, "devices", DeviceConfig, problems)
    named = {one.id: list(_unlisted(one, existing, cameras)) for one in found}
    wrong = _reported(raw, "devices", named, problems)
    return tuple(one for one in found if one.id not in wrong)


def ports_of(raw: RawConfig, problems: list[ConfigProblem]) -> dict[str, tuple[Frozen, ...]]:
    """Return the usable ports by list: fire panels', TAK devices'."""
    return {
        "receivers": tuple(listed(raw, "receivers", PanelReceiverConfig, problems)),
        "cot_receivers": tuple(listed(raw, "cot_receivers", CotReceiverConfig, problems)),
    }


def connections_of(
    raw: RawConfig, existing: Known, problems: list[ConfigProblem]
) -> dict[str, tuple[Frozen, ...]]:
    """Return the usable connections to others by list: telephone exchanges, feeds of warnings."""
    return {
        "exchanges": _owned(raw, "exchanges", ExchangeConfig, existing, problems),
        "cap_feeds": _owned(raw, "cap_feeds", CapFeedConfig, existing, problems),
    }


def _owned(
    raw: RawConfig,
    key: str,
    model: type[ExchangeConfig] | type[CapFeedConfig],
    existing: Known,
    problems: list[ConfigProblem],
) -> tuple[Frozen, ...]:
    found = listed(raw, key, model, problems)
    named = {one.id: list(_unlisted(one, existing, ())) for one in found}
    wrong = _reported(raw, key, named, problems)
    return tuple(one for one in found if one.id not in wrong)


def _unlisted(
    device: DeviceConfig | ExchangeConfig | CapFeedConfig, existing: Known, cameras: Collection[str]
) -> Iterator[tuple[str, str]]:
    if device.agency is not None and device.agency not in existing[0]:
        yield "agency", device.agency
    if device.area is not None and device.area not in existing[1]:
        yield "area", device.area
    if device.id in cameras:
        yield "id", device.id


def _reported(
    raw: RawConfig, key: str, named: dict[str, list[tuple[str, str]]], problems: list[ConfigProblem]
) -> set[str]:
    wrong: set[str] = set()
    for entry in raw.entries[key]:
        item = str(entry.table.get("id"))
        for place, name in named.get(item, ()) if item not in wrong else ():
            message = (
                f"{name!r} is a camera's id too, ids must differ"
                if place == "id"
                else f"names {name!r}, which is not listed"
            )
            problems.append(set_aside(entry, place, message))
        if named.get(item):
            wrong.add(item)
    return wrong
