"""Every table that a module of the product declares, whether anybody imported it or not."""

from importlib import import_module
from pathlib import Path

import sqlalchemy as sa

from thapcanh import alerts
from thapcanh.alerts.store.tables import metadata

_ROOT = Path(alerts.__file__).parent
_ABOVE = _ROOT.parents[1]


def every_table() -> list[sa.Table]:
    """Those that others refer to first; found by what a module says, wherever it stands."""
    for path in sorted(_ROOT.rglob("*.py")):
        if "= sa.Table(" in path.read_text(encoding="utf-8"):
            import_module(".".join(path.relative_to(_ABOVE).with_suffix("").parts))
    return metadata.sorted_tables
