"""Centre's side of live view: grants of viewers, and signalling to the live process."""

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from thapcanh.app.live.feed_plan import FeedPlan, plan_form
from thapcanh.app.live.jpeg_picture import JpegPicture
from thapcanh.app.live.process.access_check import AccessCheck, Watcher
from thapcanh.app.live.process.connection import (
    ANSWER_WITHIN_S,
    RENEW,
    LiveConnection,
    StartProcess,
    resident_bytes,
)
from thapcanh.app.live.process.frames import Head
from thapcanh.app.live.refusals import LiveRefused, LiveUnavailable
from thapcanh.app.live.settings import LiveSettings
from thapcanh.app.live.whip.phone_links import PhoneLink, PhoneLinks
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)

HUNG_AFTER_S = 10.0
MOST_BYTES = 1 << 30  # the usual is a tenth; what grows beyond is ended before others suffer


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAnswer:
    viewer_id: str
    sdp: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveStatus:
    """Status of the live process at the last round; all 0 while none runs."""

    is_up: bool = False
    starts: int = 0
    memory_bytes: int = 0
    viewers: int = 0
    lookers: int = 0
    cameras: int = 0
    sending: frozenset[str] = frozenset()
    transcoded: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Grant:
    plan: FeedPlan
    watcher: Watcher
    welcome: AccessCheck
    is_watching: bool = False
    checking: "asyncio.Task[None] | None" = None


class LiveSignalling:
    """Signalling on one event loop. `plan_of` returns a camera's plan as configured now."""

    def __init__(
        self,
        start: StartProcess,
        settings: LiveSettings,
        clock: Clock,
        *,
        plan_of: Callable[[str], FeedPlan | None],
        links: PhoneLinks,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._plan_of = plan_of
        self._links = links
        self._grants: dict[str, _Grant] = {}
        self.connection = LiveConnection(start, settings, self._clear_all)
        self.status = LiveStatus()
        self._maintenance = asyncio.create_task(self._maintain(), name="live-keeper")

    async def watch(self, plan: FeedPlan, offer: str, watcher: Watcher) -> LiveAnswer:
        """Answer a browser's offer. Raises `LiveRefused` or `BadOffer`."""
        viewer_id, (_, sdp) = await self._granted("watch", plan, watcher, offer.encode())
        return LiveAnswer(viewer_id=viewer_id, sdp=sdp.decode())

    async def leave(self, camera_id: str, viewer_id: str, session: str) -> bool:
        """End a viewer; false when this session has no such viewer of this camera."""
        grant = self._grants.get(viewer_id)
        if grant is None or grant.watcher.session != session or grant.plan.camera_id != camera_id:
            return False
        del self._grants[viewer_id]
        head, _ = await self._query("leave", {"viewer": viewer_id})
        return bool(head["ended"])

    async def still(self, plan: FeedPlan) -> JpegPicture:
        """Return the camera's newest picture. Raises `LiveRefused`."""
        within_s = self._settings.still_within_s + ANSWER_WITHIN_S
        head, jpeg = await self._query("still", {"plan": plan_form(plan)}, within_s=within_s)
        return _picture(head, jpeg)

    async def open_pictures(self, plan: FeedPlan, watcher: Watcher) -> str:
        """Begin to be sent pictures: the viewer's id. Raises `LiveRefused`."""
        viewer_id, _ = await self._granted("pictures", plan, watcher, b"")
        return viewer_id

    async def next_picture(self, viewer_id: str, after: int) -> tuple[int, JpegPicture] | None:
        """Wait for a picture numbered above `after`; return None when none will come."""
        try:
            while viewer_id in self._grants:
                request = {"viewer": viewer_id, "after": after}
                head, jpeg = await self._query("picture", request)
                if head["number"] is None:
                    return None
                if jpeg:
                    return int(head["number"]), _picture(head, jpeg)
        except LiveRefused:
            return None
        return None

    def end_viewer(self, viewer_id: str) -> None:
        """End a viewer or a feed without waiting for it; idempotent."""
        self._grants.pop(viewer_id, None)
        self.connection.tell("leave", {"viewer": viewer_id})

    async def end_session(self, session: str) -> None:
        """End everything that a session watches, without waiting for the live process."""
        found = [item for item, grant in self._grants.items() if grant.watcher.session == session]
        for viewer_id in found:
            self.end_viewer(viewer_id)

    async def publish(self, link: PhoneLink, offer: str) -> tuple[str, str]:
        """Let a phone send: its id and the answer. Raises `LiveRefused` or `BadOffer`."""
        request = {"camera": link.camera.id, "url": link.camera.source.reveal()}
        head, sdp = await self._query("publish", request, offer.encode())
        self._set_sending(self.status.sending | {link.camera.id})
        return str(head["publisher"]), sdp.decode()

    async def end_publishing(self, camera_id: str, publisher_id: str) -> bool:
        """End a phone's sending; false when it does not send."""
        if camera_id not in self.status.sending:
            return False
        head, _ = await self._query("unpublish", {"camera": camera_id, "publisher": publisher_id})
        if head["ended"]:
            self._set_sending(self.status.sending - {camera_id})
        return bool(head["ended"])

    async def open_feed(self, link: PhoneLink) -> str | None:
        """Open a reader of a phone's pictures for a worker; None while none sends."""
        if link.camera.id not in self.status.sending:
            return None
        try:
            head, _ = await self._query("feed", {"url": link.camera.source.reveal()})
        except LiveRefused:
            return None
        return None if head["feed"] is None else str(head["feed"])

    async def next_piece(self, feed_id: str) -> bytes:
        """Return the next piece of a feed; empty at its end."""
        try:
            return (await self._query("piece", {"viewer": feed_id}))[1]
        except LiveRefused:
            return b""

    def end_streams(self) -> None:
        """End streams and pending requests, and start nothing more."""
        self.connection.break_off()

    async def close(self) -> None:
        """End the live process; idempotent."""
        self.end_streams()
        checks = [grant.checking for grant in self._grants.values() if grant.checking]
        for task in (self._maintenance, *checks):
            task.cancel()
        await asyncio.gather(self._maintenance, *checks, return_exceptions=True)
        await self.connection.close()

    async def _query(
        self, op: str, facts: Head, body: bytes = b"", *, within_s: float = ANSWER_WITHIN_S
    ) -> tuple[Head, bytes]:
        return await self.connection.ask(op, facts, body, within_s=within_s)

    async def _granted(
        self, op: str, plan: FeedPlan, watcher: Watcher, body: bytes
    ) -> tuple[str, tuple[Head, bytes]]:
        viewer_id = uuid.uuid4().hex
        welcome = AccessCheck(watcher, self._clock, self._settings.welcome_every_s)
        grant = self._grants[viewer_id] = _Grant(plan, watcher, welcome)
        owner = watcher.owner
        agencies = None if owner.agencies is None else sorted(owner.agencies)
        request = {"viewer": viewer_id, "session": owner.session, "agencies": agencies}
        try:
            answer = await self._query(op, {**request, "plan": plan_form(plan)}, body)
        except BaseException:
            self.end_viewer(viewer_id)  # it may begin after the deadline
            raise
        if viewer_id not in self._grants:  # the session ended while it was answered
            self.end_viewer(viewer_id)
            raise LiveUnavailable("it ended before it began")
        grant.is_watching = True
        return viewer_id, answer

    def _clear_all(self) -> None:
        """Clear the grants of an ended process."""
        self._grants.clear()
        self.status = LiveStatus(starts=self.connection.starts)

    def _set_sending(self, sending: frozenset[str]) -> None:
        self.status = replace(self.status, sending=sending)

    async def _maintain(self) -> None:
        while True:
            await asyncio.sleep(self._settings.sweep_s)
            try:
                await self._round()
            except LiveRefused:
                continue  # it ended: who is asked next starts another
            except Exception:  # the outermost line of this task
                log.exception("live: a fault of ours while renewing")

    async def _round(self) -> None:
        """Renew the viewers; kill a process that does not answer or uses too much memory."""
        process = self.connection.process
        if process is None:
            return
        memory = resident_bytes(process.pid)
        if memory > MOST_BYTES:
            self.connection.give_up(f"holds {memory >> 20} MiB")
            return
        self._start_checks()
        changed = self._drop_changed()
        begun = [item for item, grant in self._grants.items() if grant.is_watching]
        request: Head = {
            "viewers": list(self._grants),
            "phones": [link.camera.id for link in self._links.in_force()],
            "changed": changed,
        }
        try:
            head, _ = await self._query(RENEW, request, within_s=HUNG_AFTER_S)
        except LiveUnavailable:
            if self.connection.process is process:
                self.connection.give_up(f"gave no sign of life for {HUNG_AFTER_S:.0f} s")
            raise
        self._note(head, begun, memory)

    def _note(self, head: Head, begun: list[str], memory: int) -> None:
        for viewer_id in set(begun).difference(head["watching"]):
            self._grants.pop(viewer_id, None)
        count = head["count"]
        self.status = LiveStatus(
            is_up=True,
            starts=self.connection.starts,
            memory_bytes=memory,
            viewers=count["viewers"],
            lookers=count["lookers"],
            cameras=count["cameras"],
            sending=frozenset(head["sending"]),
            transcoded=tuple(sorted(head["transcoded"].items())),
        )

    def _drop_changed(self) -> list[str]:
        """End the grants of cameras that are configured in another way now; their cameras."""
        found = {
            viewer_id: grant.plan.camera_id
            for viewer_id, grant in self._grants.items()
            if self._plan_of(grant.plan.camera_id) != grant.plan
        }
        for viewer_id in found:
            del self._grants[viewer_id]
        return sorted(set(found.values()))

    def _start_checks(self) -> None:
        """Start checking each grant; a slow archive delays nothing else."""
        for viewer_id, grant in self._grants.items():
            if grant.checking is None or grant.checking.done():
                grant.checking = asyncio.create_task(self._check(viewer_id, grant))

    async def _check(self, viewer_id: str, grant: _Grant) -> None:
        try:
            holds = await grant.welcome.holds()
        except Exception:  # the outermost line of this task
            log.exception("live: a fault of ours while asking who may watch")
            holds = False
        if not holds and self._grants.get(viewer_id) is grant:
            self.end_viewer(viewer_id)


def _picture(head: Head, jpeg: bytes) -> JpegPicture:
    return JpegPicture(
        jpeg=jpeg, captured_at=head["at"], width=head["width"], height=head["height"]
    )
