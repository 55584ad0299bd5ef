"""A telephone exchange of foreign parts: Debian's Kamailio, whose route tells the centre, and SIPp.

Kamailio stands between a caller and a phone that answers, both SIPp. Its route hands INVITE, the
ACK of the answer, BYE and CANCEL to `sip_hook.py`.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import psutil
import pytest

from tests.patience import PATIENCE_S

_PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
KAMAILIO, SIPP = (shutil.which(name, path=_PATH) for name in ("kamailio", "sipp"))
needs_sip = pytest.mark.skipif(
    not (KAMAILIO and SIPP), reason="needs Debian's kamailio and sip-tester"
)

_ROUTE = """
debug=-1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:{port}
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "exec.so"
modparam("exec", "setvars", 1)
modparam("exec", "time_to_kill", 60)
request_route {{
  if (is_method("INVITE") && !has_totag()) {{
    exec_msg("{hook} began {centre}");
    record_route();
    $du = "sip:127.0.0.1:{phone}";
    t_relay();
    exit;
  }}
  if (is_method("ACK")) exec_msg("{hook} answered {centre}");
  if (is_method("BYE|CANCEL")) exec_msg("{hook} ended {centre}");
  if (is_method("CANCEL")) $du = "sip:127.0.0.1:{phone}";
  else loose_route();
  t_relay();
}}
"""

_CALLER = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="a call">
  <send retrans="500" start_txn="invite"><![CDATA[

    INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
    Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
    From: "Nguoi goi" <sip:{number}@[local_ip]:[local_port]>;tag=[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>
    Call-ID: [call_id]
    CSeq: 1 INVITE
    Contact: <sip:{number}@[local_ip]:[local_port]>
    Max-Forwards: 70
    Content-Type: application/sdp
    Content-Length: [len]

    v=0
    o=- 1 1 IN IP4 [local_ip]
    s=-
    c=IN IP4 [local_ip]
    t=0 0
    m=audio 6000 RTP/AVP 8

  ]]></send>
  <recv response="100" optional="true" response_txn="invite"/>
  <recv response="180" optional="true" response_txn="invite"/>
  <recv response="200" rrs="true" response_txn="invite"/>
  <send ack_txn="invite"><![CDATA[

    ACK [next_url] SIP/2.0
    Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
    [routes]
    From: "Nguoi goi" <sip:{number}@[local_ip]:[local_port]>;tag=[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
    Call-ID: [call_id]
    CSeq: 1 ACK
    Max-Forwards: 70
    Content-Length: 0

  ]]></send>
  <pause/>
  <send retrans="500"><![CDATA[

    BYE [next_url] SIP/2.0
    Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
    [routes]
    From: "Nguoi goi" <sip:{number}@[local_ip]:[local_port]>;tag=[call_number]
    To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
    Call-ID: [call_id]
    CSeq: 2 BYE
    Max-Forwards: 70
    Content-Length: 0

  ]]></send>
  <recv response="200"/>
</scenario>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SipExchange:
    """A running exchange; `call` makes one call through it."""

    folder: Path
    port: int

    @contextmanager
    def call(
        self, number: str, line: str, talks_s: float = 0.2
    ) -> "Iterator[subprocess.Popen[bytes]]":
        """Somebody calls a line, is answered, talks, and hangs up."""
        scenario = self.folder / "caller.xml"
        scenario.write_text(_CALLER.format(number=number))
        aimed = ["-s", line, "-m", "1", "-d", str(int(talks_s * 1000)), f"127.0.0.1:{self.port}"]
        with _sipp(self.folder, "-sf", str(scenario), *aimed) as process:
            yield process


@contextmanager
def sip_exchange(folder: Path, centre: str, token: str) -> Iterator[SipExchange]:
    """Start Kamailio and a phone that answers; `centre` is the address of the webhook."""
    secret = folder / "token"
    secret.write_text(token, encoding="utf-8")
    secret.chmod(0o644)  # Kamailio's children
    port, phone = _free_port(), _free_port()
    hook = f"{sys.executable} {Path(__file__).with_name('sip_hook.py')}"
    route = folder / "kamailio.cfg"
    told = f"{centre} {secret}"
    route.write_text(_ROUTE.format(port=port, phone=phone, hook=hook, centre=told))
    run = folder / "run"
    run.mkdir()
    command = [str(KAMAILIO), "-DD", "-E", "-f", str(route), "-Y", str(run), "-m", "32", "-M", "4"]
    with ExitStack() as parts:
        parts.enter_context(_running(command, folder / "kamailio.log"))
        parts.enter_context(_sipp(folder, "-sn", "uas", "-p", str(phone)))
        yield SipExchange(folder=folder, port=port)


@contextmanager
def _sipp(folder: Path, *arguments: str) -> "Iterator[subprocess.Popen[bytes]]":
    command = [str(SIPP), "-i", "127.0.0.1", "-nostdin", *arguments]
    with _running(command, folder / "sipp.log") as process:
        yield process


@contextmanager
def _running(command: list[str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A program with its children, ended at the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=log.parent
        )
    try:
        yield process
    finally:
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.kill()
        process.kill()
        process.wait(PATIENCE_S)


def _free_port() -> int:
    with socket(AF_INET, SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
