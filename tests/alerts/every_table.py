"""Every table that a module of the product declares, whether anybody imported it or not."""

from importlib import import_module
from pathlib import Path

import sqlalchemy as sa

import alerts
from alerts.store.tables import metadata

_ROOT = Path(alerts.__file__).parent


def every_table() -> list[sa.Table]:
    """Those that others refer to first; found by what a module says, wherever it stands."""
    for path in sorted(_ROOT.rglob("*.py")):
        if "= sa.Table(" in path.read_text(encoding="utf-8"):
            import_module(".".join(path.relative_to(_ROOT.parent).with_suffix("").parts))
    return metadata.sorted_tables
