"""Check of stream entries: who may send what, and when.

Owned by the consumer's thread.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from thapcanh.alerts.queue.message import Message, is_path_of
from thapcanh.alerts.queue.self_test_event import SELF_TEST
from thapcanh.alerts.queue.system_events import is_system
from thapcanh.alerts.queue.workers.worker_keys import WorkerKey, WorkerKeyError, check_signature
from thapcanh.alerts.store.errors import ContentRefused, WireError
from thapcanh.detection.event import EventPhase
from thapcanh.detection.rules.registry import registry

AHEAD_S = 60.0  # so far ahead of us may a time be
OLDEST_S = 30 * 86400.0  # a spool that waited longer tells nothing that anybody can answer
OURS = frozenset(
    {"centre", "drill", "drills", "signals", "system"}
)  # the centre's own, never by the stream
FOREIGN_EVIDENCE = "its files were in another event's folder"
_MOST_OWNERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderKnowledge:
    """Facts of the centre, read for each entry.

    `raised_by` returns the worker of each event's first message, if any.
    """

    is_camera: Callable[[str], bool]
    labels: Callable[[], Collection[str]]
    raised_by: Callable[[Collection[str]], Mapping[str, str]]
    key_of: Callable[[str], WorkerKey | None]
    signed_only_since: Callable[[], float | None] = lambda: None
    """From when on (UTC) only enrolled workers count; None: all do."""
    ours: Collection[str] = OURS


class SenderCheck:
    """Judges messages in the order of the stream."""

    def __init__(self, existing: SenderKnowledge) -> None:
        self._known = existing
        self._owners: OrderedDict[str, str] = OrderedDict()
        self._unowned: frozenset[str] = frozenset()  # events that the archive did not have just now

    def look_up(self, messages: Sequence[Message]) -> None:
        """Load the owners of these events once, before each message is checked."""
        ids = {message.event.event_id for message in messages}
        self._learn(ids - self._owners.keys())

    def checked(
        self, fields: Mapping[str, str], message: Message, queued_at: float, now: float
    ) -> Message:
        """Return the message as it may be stored. Raise `WireError`."""
        self._check_sender(fields, message, queued_at)
        owner = self._owner(message)
        self._check_subject(message, is_own=owner == message.source)
        self._remember(message.event.event_id, message.source)
        return _in_time(_with_own_evidence(message), now)

    def _check_sender(self, fields: Mapping[str, str], message: Message, queued_at: float) -> None:
        source = message.source
        if source in self._known.ours:
            raise WireError(f"{source!r} is the centre itself and does not use the queue")
        try:
            key = self._known.key_of(source)
        except WorkerKeyError as error:
            raise WireError(str(error)) from None
        if key is None:
            since = self._known.signed_only_since()
            if since is not None and queued_at >= since:
                raise WireError(f"no worker {source!r} is enrolled")
        elif queued_at >= key.enrolled_at:
            check_signature(fields, key)

    def _check_subject(self, message: Message, *, is_own: bool) -> None:
        """Raise if a removed camera starts something; its open events may go on."""
        event = message.event
        is_itself = event.camera_id == message.source
        if event.kind == SELF_TEST:
            if not is_itself:
                raise ContentRefused(f"{message.source} does not speak for {event.camera_id!r}")
            return
        continues = is_own or event.phase is EventPhase.CLEARED
        if is_system(event.kind):
            if not (is_itself or continues or self._known.is_camera(event.camera_id)):
                raise ContentRefused(f"{message.source} does not speak for {event.camera_id!r}")
            return
        if event.kind not in registry().kinds:
            raise ContentRefused(f"no kind of event is called {event.kind!r}")
        if not continues and not self._known.is_camera(event.camera_id):
            raise ContentRefused(f"the site has no camera {event.camera_id!r}")
        if event.label not in self._known.labels():
            raise ContentRefused(f"nothing that is watched for is called {event.label!r}")

    def _owner(self, message: Message) -> str | None:
        """Return who raised this event, or None. Raise `ContentRefused` for another worker's."""
        event_id, source = message.event.event_id, message.source
        if event_id not in self._owners and event_id not in self._unowned:
            self._learn({event_id})
        owner = self._owners.get(event_id)
        if owner not in (None, source):
            raise ContentRefused(f"event {event_id} was raised by {owner!r}, not by {source!r}")
        return owner

    def _remember(self, event_id: str, source: str) -> None:
        self._owners[event_id] = source
        self._owners.move_to_end(event_id)
        while len(self._owners) > _MOST_OWNERS:
            self._owners.popitem(last=False)

    def _learn(self, event_ids: Set[str]) -> None:
        if event_ids:
            found = self._known.raised_by(sorted(event_ids))
            self._owners.update(found)
            self._unowned = frozenset(event_ids - found.keys())


def _with_own_evidence(message: Message) -> Message:
    """Return the message without files of other events."""
    if all(is_path_of(ref.path, message.event) for ref in message.evidence):
        return message
    if message.evidence_only:
        raise ContentRefused(f"its evidence is not in the folder of event {message.event.event_id}")
    return replace(message, evidence=(), evidence_error=FOREIGN_EVIDENCE)


def _in_time(message: Message, now: float) -> Message:
    """Return the message without future times."""
    event, latest = message.event, now + AHEAD_S
    if event.captured_at < now - OLDEST_S:
        raise ContentRefused("it is dated more than 30 days ago")
    if max(event.captured_at, event.inferred_at, message.spooled_at) <= latest:
        return message
    observed = replace(
        event,
        captured_at=now if event.captured_at > latest else event.captured_at,
        inferred_at=now if event.inferred_at > latest else event.inferred_at,
    )
    spooled_at = now if message.spooled_at > latest else message.spooled_at
    return replace(message, event=observed, spooled_at=spooled_at)
