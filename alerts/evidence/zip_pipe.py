"""Where a zip that is sent while it is made is written to: it cannot seek, and holds one piece."""


class ZipPipe:
    """Emptied by `taken` after each piece; `zipfile` then writes sizes behind the data."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, piece: bytes, /) -> int:
        """Hold a piece until it is taken."""
        self._held += piece
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """What is held can still be taken."""

    def taken(self) -> bytes:
        """All that was written since the last time."""
        piece = bytes(self._held)
        self._held.clear()
        return piece
