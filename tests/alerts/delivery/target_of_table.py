"""Targets of a site, made of the tables of its file."""

from collections.abc import Mapping
from typing import Any

from thapcanh.alerts.delivery.registry import target_registry
from thapcanh.config.targets import TargetConfig


def target_of_table(table: Mapping[str, Any]) -> TargetConfig:
    """Return the target; `KeyError` or `ValidationError` if the table is wrong."""
    return target_registry().kinds[table["kind"]].settings.model_validate(table)
