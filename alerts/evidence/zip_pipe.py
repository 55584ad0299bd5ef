"""Unseekable output for a zip that is sent while it is made."""


class ZipPipe:
    """Buffer emptied by `taken` after each piece; `zipfile` then writes sizes behind the data."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, piece: bytes, /) -> int:
        self._held += piece
        return len(piece)

    def flush(self) -> None:
        """Do nothing: there is no further buffer."""

    def close(self) -> None:
        """Do nothing: the buffer can still be read."""

    def taken(self) -> bytes:
        piece = bytes(self._held)
        self._held.clear()
        return piece
