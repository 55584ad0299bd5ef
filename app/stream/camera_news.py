"""What became of the cameras, made once for all screens of the same scope.

Called in threads. A screen that knows one of the versions named in `after` needs not ask for the
difference; every other one asks `/cameras?since`.
"""

from collections.abc import Callable, Iterable

from pydantic_core import to_json

from alerts.store.roles import DataFilter
from app.cameras.camera_board import CameraBoard
from app.cameras.camera_list import WITHOUT_FIGURES, CameraTexts, chosen
from app.cameras.camera_schemas import phone_link_response, sees_phone
from app.live.whip.phone_links import PhoneLink

REPORT_KEPT_S = 0.2  # a screen's map is to show what changed within 2 s
MOST_CAMERAS = 2000  # beyond, screens ask for themselves, one after the other
MOST_VERSIONS = 100


class CameraNews:
    """Reads the board for the feed. Thread-safe."""

    def __init__(
        self, board: CameraBoard, texts: CameraTexts, phones: Callable[[], Iterable[PhoneLink]]
    ) -> None:
        """`phones` gives those that send now."""
        self._board = board
        self._texts = texts
        self._phones = phones

    def version(self) -> int:
        """The version of the cameras' states as of now."""
        return self._board.report(REPORT_KEPT_S).version

    def since(self, scope: DataFilter, version: int) -> str | None:
        """Return what a scope sees of the changes after a version, or None if it must be asked for.

        JSON of `CameraNewsResponse`.
        """
        report, changed = self._board.report(), self._board.changed_since(version)
        if changed is None or len(changed.ids) > MOST_CAMERAS:
            return None
        if not version < report.version <= version + MOST_VERSIONS:
            return None
        cameras, gone = chosen(changed, scope, self._board)
        items = self._texts.of(cameras, WITHOUT_FIGURES, report)
        phones = [
            phone_link_response(one, report) for one in self._phones() if sees_phone(scope, one)
        ]
        items += [one.model_dump_json(include=set(WITHOUT_FIGURES)).encode() for one in phones]
        beside = {
            "after": [self._board.name_of(one) for one in range(version, report.version)],
            "version": self._board.name_of(report.version),
            "gone": gone,
        }
        return (b'{"items":[' + b",".join(items) + b"]," + to_json(beside)[1:]).decode()
