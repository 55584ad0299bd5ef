"""An ONVIF camera of our own, for what `ipycam` does not do: settings, presets, misbehaviour.

Its answers follow the official WSDL that `onvif-zeep-async` ships. A test puts its own answer in
place of any: a text, or a function that is handed the request and may do as it likes.
"""

import http.server
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from thapcanh.ingest.onvif.records import OnvifLogin

Handler = http.server.BaseHTTPRequestHandler
Play = Callable[[Handler, str], None]
_OPERATION = re.compile(r"<(?:[\w-]+:)?Body[^>]*>\s*<(?:[\w-]+:)?(\w+)")
_NAMESPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema"'
)


@dataclass
class ScriptedCamera:
    """What it answers, by operation, and what it was asked."""

    address: str = ""
    answers: dict[str, str | Play] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    gov_length: int = 100
    moving: bool = False
    clock_ahead_s: float = 0.0
    events: bool = False

    @property
    def login(self) -> OnvifLogin:
        return OnvifLogin(service=f"{self.address}/onvif/device_service", user="an", password="kin")

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.asked]

    def answer(self, operation: str, body: str) -> str | Play:
        if operation in self.answers:
            return self.answers[operation]
        if operation == "SetVideoEncoderConfiguration":
            found = re.search(r"GovLength>(\d+)<", body)
            self.gov_length = min(60, int(found[1])) if found else self.gov_length
            return "<trt:SetVideoEncoderConfigurationResponse/>"
        if operation in _TURNING:
            self.moving = operation == "ContinuousMove"
            return f"<tptz:{operation}Response/>"
        usual: dict[str, Callable[[], str]] = {
            "GetSystemDateAndTime": self._clock,
            "GetServices": self._services,
            "GetDeviceInformation": lambda: _DEVICE,
            "GetNetworkInterfaces": lambda: _CARDS,
            "GetProfiles": self._profiles,
            "GetStreamUri": lambda: _STREAM,
            "GetPresets": lambda: _PRESETS,
            "GetStatus": self._status,
        }
        return usual[operation]() if operation in usual else fault("not implemented")

    def _clock(self) -> str:
        at = datetime.fromtimestamp(datetime.now(UTC).timestamp() + self.clock_ahead_s, UTC)
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
            "<tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
            f"<tt:UTCDateTime><tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}"
            f"</tt:Minute><tt:Second>{at.second}</tt:Second></tt:Time><tt:Date><tt:Year>{at.year}"
            f"</tt:Year><tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day></tt:Date>"
            "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _services(self) -> str:
        names = {"media": "ver10/media", "ptz": "ver20/ptz"}
        if self.events:
            names["events"] = "ver10/events"
        listed = "".join(
            f"<tds:Service><tds:Namespace>http://www.onvif.org/{path}/wsdl</tds:Namespace>"
            f"<tds:XAddr>{self.address}/onvif/{name}</tds:XAddr>"
            "<tds:Version><tt:Major>2</tt:Major><tt:Minor>0</tt:Minor></tds:Version></tds:Service>"
            for name, path in names.items()
        )
        return f"<tds:GetServicesResponse>{listed}</tds:GetServicesResponse>"

    def _status(self) -> str:
        state = "MOVING" if self.moving else "IDLE"
        return (
            "<tptz:GetStatusResponse><tptz:PTZStatus><tt:MoveStatus>"
            f"<tt:PanTilt>{state}</tt:PanTilt><tt:Zoom>IDLE</tt:Zoom></tt:MoveStatus>"
            "<tt:UtcTime>2026-01-01T00:00:00Z</tt:UtcTime></tptz:PTZStatus>"
            "</tptz:GetStatusResponse>"
        )

    def _profiles(self) -> str:
        def one(name: str, width: int, height: int, more: str = "") -> str:
            return (
                f'<trt:Profiles token="{name}" fixed="true"><tt:Name>{name}</tt:Name>'
                f'<tt:VideoEncoderConfiguration token="e-{name}"><tt:Name>{name}</tt:Name>'
                "<tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding><tt:Resolution>"
                f"<tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution>"
                "<tt:Quality>5</tt:Quality><tt:RateControl><tt:FrameRateLimit>25"
                "</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>"
                f"1024</tt:BitrateLimit></tt:RateControl><tt:H264><tt:GovLength>{self.gov_length}"
                "</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264><tt:Multicast>"
                "<tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address>"
                "</tt:Address><tt:Port>0</tt:Port><tt:TTL>1</tt:TTL><tt:AutoStart>false"
                "</tt:AutoStart></tt:Multicast><tt:SessionTimeout>PT60S</tt:SessionTimeout>"
                f"</tt:VideoEncoderConfiguration>{more}</trt:Profiles>"
            )

        listed = one("main", 1920, 1080, _PTZ) + one("sub", 704, 576) + one("tiny", 320, 240)
        return f"<trt:GetProfilesResponse>{listed}</trt:GetProfilesResponse>"


def fault(reason: str, subcode: str = "ter:ActionNotSupported") -> str:
    return (
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value "
        f'xmlns:ter="http://www.onvif.org/ver10/error">{subcode}</s:Value></s:Subcode></s:Code>'
        f'<s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason></s:Fault>'
    )


def enveloped(body: str) -> bytes:
    return f"<s:Envelope {_NAMESPACES}><s:Body>{body}</s:Body></s:Envelope>".encode()


def send(handler: Handler, content: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


@contextmanager
def scripted_camera(address: str = "127.0.0.1") -> Iterator[ScriptedCamera]:
    """One that runs on a free port."""
    camera = ScriptedCamera()

    class Answering(Handler):
        def do_POST(self) -> None:  # noqa: N802 named by the library
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found = _OPERATION.search(body)
            operation = found[1] if found else ""
            camera.asked.append((operation, body))
            answer = camera.answer(operation, body)
            if isinstance(answer, str):
                send(self, enveloped(answer), 400 if "Fault" in answer else 200)
            else:
                answer(self, body)

        def log_message(self, *args: object) -> None:
            """The test's output stays readable."""

    server = http.server.ThreadingHTTPServer((address, 0), Answering)
    server.daemon_threads = True
    camera.address = f"http://{address}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield camera
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_DEVICE = (
    "<tds:GetDeviceInformationResponse><tds:Manufacturer>Ours</tds:Manufacturer>"
    "<tds:Model>S-1</tds:Model><tds:FirmwareVersion>1.0</tds:FirmwareVersion>"
    "<tds:SerialNumber>42</tds:SerialNumber><tds:HardwareId>1</tds:HardwareId>"
    "</tds:GetDeviceInformationResponse>"
)
_CARDS = (
    '<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="eth0">'
    "<tt:Enabled>true</tt:Enabled><tt:Info><tt:Name>eth0</tt:Name>"
    "<tt:HwAddress>00-1A-2B-3C-4D-5E</tt:HwAddress><tt:MTU>1500</tt:MTU></tt:Info>"
    "</tds:NetworkInterfaces></tds:GetNetworkInterfacesResponse>"
)
_TURNING = frozenset({"ContinuousMove", "Stop", "GotoPreset", "GotoHomePosition"})
_PTZ = (
    '<tt:PTZConfiguration token="ptz"><tt:Name>ptz</tt:Name><tt:UseCount>1</tt:UseCount>'
    "<tt:NodeToken>node</tt:NodeToken></tt:PTZConfiguration>"
)
_PRESETS = (
    '<tptz:GetPresetsResponse><tptz:Preset token="1"><tt:Name>Cổng</tt:Name></tptz:Preset>'
    '<tptz:Preset token="2"><tt:Name>Bãi xe</tt:Name></tptz:Preset></tptz:GetPresetsResponse>'
)
_STREAM = (
    "<trt:GetStreamUriResponse><trt:MediaUri>"
    "<tt:Uri>rtsp://admin:hush@192.168.1.64:8554/live?channel=1</tt:Uri>"
    "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
    "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout>"
    "</trt:MediaUri></trt:GetStreamUriResponse>"
)
