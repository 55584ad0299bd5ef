"""Every table that a module of the product declares, whether anybody imported it or not."""

from importlib import import_module
from pathlib import Path

import sqlalchemy as sa

import alerts
from alerts.store.tables import metadata

_ROOT = Path(alerts.__file__).parent


def every_table() -> list[sa.Table]:
    """Those that others refer to first. Files of tables are named `*_table.py`, `*_tables.py`."""
    for path in sorted((*_ROOT.rglob("*_table.py"), *_ROOT.rglob("*_tables.py"))):
        parts = path.relative_to(_ROOT.parent).with_suffix("").parts
        import_module(".".join(parts))
    return metadata.sorted_tables
