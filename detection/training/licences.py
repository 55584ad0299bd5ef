"""Which sets may teach weights that are shipped: only those under a licence that is clear.

The list is of licences that allow use, change and passing on, for any purpose. A set whose licence
is unknown, says "non-commercial" or "no derivatives", or is not stated, is left out and counted.
"""

CLEAR = frozenset(
    {
        "CC0-1.0",
        "CC BY 4.0",
        "MIT",
        "Apache-2.0",
        "COCO terms; annotations CC BY 4.0",
    }
)


def is_clear(licence: str) -> bool:
    """Whether pictures under this licence may teach shipped weights."""
    return licence in CLEAR
