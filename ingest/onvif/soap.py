"""SOAP access to a camera's ONVIF services by `onvif-zeep-async`.

Every failure is a `SourceError` of one line; a response that breaks the library is `NotOnvif`.
Called on an event loop; the first call reads the WSDL on a thread for a second or two.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from thapcanh.ingest.errors import CameraRefused, NotOnvif, Unauthorized
from thapcanh.ingest.onvif.records import OnvifLogin, plain_text

_FOREIGN = (LookupError, AttributeError, TypeError, ValueError, ArithmeticError, RecursionError)
"""What reading an answer of another shape raises in the library."""
_DENIED = ("notauthorized", "not authorized", "unauthorized", "failedauthentication")


class OnvifSession:
    """ONVIF session of one camera, made by `onvif_session`."""

    def __init__(self, login: OnvifLogin, transport: Any) -> None:
        self._login = login
        self._transport = transport
        self._services: dict[str, Any] = {}
        self._addresses: dict[str, str] = {"devicemgmt": login.service}
        self.clock_ahead: timedelta | None = None

    async def start(self) -> None:
        """Read the camera's clock, which signed requests go by, and its services' addresses."""
        self.clock_ahead = await self._read_clock()
        self._services.clear()  # signed by the camera's clock from here on
        self._addresses |= await self._read_addresses()

    def offers(self, service: str) -> bool:
        return service in self._addresses

    async def open(self, service: str) -> None:
        """Read the service's WSDL, so that the calls' bounds are the camera's time alone."""
        await self._opened(service)

    async def ask(self, service: str, operation: str, requested: Any = None) -> Any:
        """Call an operation; its answer as plain dicts and lists. Raises a `SourceError`."""
        return await self._called(await self._opened(service), operation, requested)

    async def at(self, service: str, address: str, operation: str, requested: Any = None) -> Any:
        """Call an operation of a service at an address that the camera gave out for it."""
        return await self._called(await self._opened(service, address), operation, requested)

    @contextmanager
    def answering_within(self, seconds: float, most_bytes: int) -> Iterator[None]:
        """Allow longer and larger responses within this context."""
        usual = self._transport.answer_within_s, self._transport.most_bytes
        self._transport.answer_within_s, self._transport.most_bytes = seconds, most_bytes
        try:
            yield
        finally:
            self._transport.answer_within_s, self._transport.most_bytes = usual

    async def _read_clock(self) -> timedelta | None:
        """Return the clock's offset; most cameras report it without a login."""
        try:
            answer = await self.ask("devicemgmt", "authless_GetSystemDateAndTime")
        except (Unauthorized, CameraRefused):
            answer = await self.ask("devicemgmt", "GetSystemDateAndTime")
        at = _utc(answer)
        return None if at is None else at - datetime.now(UTC)

    async def _read_addresses(self) -> dict[str, str]:
        try:
            answer = await self.ask("devicemgmt", "GetServices", {"IncludeCapability": False})
        except CameraRefused:  # older than this operation
            answer = None
        from onvif.definition import SERVICES

        by_name = {facts["ns"]: name for name, facts in SERVICES.items() if name in _REQUESTED}
        found: dict[str, str] = {}
        for one in answer if isinstance(answer, list) else []:
            name = by_name.get(str(one.get("Namespace")))
            if name and one.get("XAddr"):
                found[name] = self._here(str(one["XAddr"]))
        return found or await self._read_capabilities()

    async def _read_capabilities(self) -> dict[str, str]:
        answer = await self.ask("devicemgmt", "GetCapabilities", {"Category": "All"})
        found: dict[str, str] = {}
        for key, name in _CAPABILITIES.items():
            address = ((answer or {}).get(key) or {}).get("XAddr")
            if address:
                found[name] = self._here(str(address))
        return found

    def _here(self, address: str) -> str:
        """Return a camera's address at the checked host: it may not lead elsewhere."""
        own = urlsplit(self._login.service)
        try:
            provided = urlsplit(address)
        except ValueError:
            raise NotOnvif(self._login.service, problem="it gave out a broken address") from None
        where = _port_and_host(provided) if provided.hostname == own.hostname else None
        return urlunsplit((own.scheme, where or own.netloc, provided.path, provided.query, ""))

    async def _opened(self, service: str, address: str | None = None) -> Any:
        key = service if address is None else f"{service} {address}"
        if key not in self._services:
            if address is None and service not in self._addresses:
                raise CameraRefused(
                    self._login.service,
                    problem=f"it has no {service} service",
                    way_out="switch ONVIF on in its settings",
                    code="no_service",
                    service=service,
                )
            where = self._addresses[service] if address is None else self._here(address)
            made = await self._new_service(service, where)
            await made.setup()
            self._services[key] = made
        return self._services[key]

    async def _new_service(self, service: str, address: str) -> Any:
        """Return a library service that uses our transport.

        Its own HTTP session is closed at once; left to the end it would leak on cancellation.
        """
        import onvif
        from onvif.definition import SERVICES

        facts = SERVICES[service]
        made = onvif.ONVIFService(
            address,
            self._login.user or None,
            self._login.password or None,
            str(Path(onvif.__file__).parent / "wsdl" / facts["wsdl"]),
            no_cache=True,
            dt_diff=self.clock_ahead,
            binding_name=f"{{{facts['ns']}}}{facts['binding']}",
        )
        made.transport = self._transport
        await made.close()
        return made

    async def _called(self, service: Any, operation: str, requested: Any) -> Any:
        from zeep.exceptions import Error, Fault
        from zeep.helpers import serialize_object

        if not self._login.user and not operation.startswith("authless_"):
            operation = f"authless_{operation}"
        try:
            return serialize_object(await getattr(service, operation)(requested), dict)
        except Fault as fault:
            raise self._named(fault) from None
        except (Error, *_FOREIGN):
            raise NotOnvif(self._login.service) from None

    def _named(self, fault: Any) -> CameraRefused | Unauthorized:
        whole = f"{fault.message} {' '.join(map(str, fault.subcodes or ()))}"
        if any(word in whole.lower() for word in _DENIED):
            return Unauthorized(self._login.service, way_out="correct the user and the password")
        said = plain_text(fault.message)
        return CameraRefused(
            self._login.service,
            problem=f"the camera refused: {said or 'no reason provided'}",
            way_out="look at the camera's own settings",
            code="said" if said else "said_nothing",
            said=said,
        )


_REQUESTED = ("media", "ptz", "events")
_CAPABILITIES = {"Media": "media", "PTZ": "ptz", "Events": "events"}


@asynccontextmanager
async def onvif_session(login: OnvifLogin) -> AsyncIterator[OnvifSession]:
    """Open a session with the camera's clock and services read. Raise a `SourceError`."""
    from thapcanh.ingest.onvif.transport import BoundedTransport, new_session

    async with new_session(login) as http:
        session = OnvifSession(login, BoundedTransport(http, login))
        await session.start()
        yield session


def _port_and_host(provided: SplitResult) -> str | None:
    """Return host and port without login; None for an invalid port such as `10.0.0.7:80:80`."""
    try:
        return None if provided.port == 0 else provided.netloc.rpartition("@")[2]
    except ValueError:
        return None


def _utc(answer: Any) -> datetime | None:
    """Return the camera's clock, or None if it is not readable."""
    try:
        at = answer["UTCDateTime"]
        date, time = at["Date"], at["Time"]
        return datetime(
            date["Year"], date["Month"], date["Day"], time["Hour"], time["Minute"],
            min(59, time["Second"]), tzinfo=UTC,
        )  # fmt: skip
    except (LookupError, TypeError, ValueError):
        return None
