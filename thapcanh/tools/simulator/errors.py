"""Errors of the simulator, each with one clear line for its user."""

from pathlib import Path


class SimulatorError(Exception):
    """Base of all; its text is fit to show as it is."""


class UnreadableVideo(SimulatorError):
    """The file is missing, is no video, or holds nothing that can be served."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


class AddressInUse(SimulatorError):
    """The address cannot be bound."""


class BadSetting(SimulatorError):
    """A setting that was typed wrong."""


class FaultRefused(SimulatorError):
    """An order that cannot be obeyed; `code` is for programs, the text for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
