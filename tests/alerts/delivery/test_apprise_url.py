"""Which addresses may be told: an allow-list, whose refusals hold nothing of the address."""

import pytest
from pydantic import ValidationError

from tests.alerts.delivery.target_of_table import target_of_table
from thapcanh.alerts.delivery.apprise_url import SERVICES
from thapcanh.alerts.delivery.targets.apprise import AppriseTarget
from thapcanh.config.secret import SecretUrl
from thapcanh.config.targets import WITH_HOSTS, TargetUrl

MAIL = "mailtos://an:topsecret@10.0.0.5:587?from=tc@example.vn&to=an@example.vn"
OTHERS = ("file", "exec", "dbus", "windows", "notify", "syslog", "http", "https", "pover")


def target(url: str, **more: object) -> AppriseTarget:
    facts: dict[str, object] = {"id": "t", "kind": "apprise", "url": url}
    return AppriseTarget.model_validate(facts | more)


@pytest.mark.parametrize(
    ("url", "form"),
    [
        (MAIL, "full"),
        ("mailto://relay?from=tc@example.vn&to=an@example.vn&name=Tháp%20Canh", "full"),
        ("jsons://an:topsecret@10.0.0.5/sms?:to=0912345678&:message=content&+X-Key=k", "full"),
        ("form://siren/on?method=PUT&-key=topsecret", "full"),
        ("smseagles://topsecret@10.0.0.6/0912345678?flash=yes", "sms_unmarked"),
        ("gotify://10.0.0.7/topsecret?priority=8", "full"),
        (f"tgram://123456789:topsecret{'a' * 26}/-1001234567", "full"),
        (f"tgram://123456789%3Atopsecret{'a' * 26}/-1001234567", "full"),
        ("zalo://123456789%3Atopsecret/chat123", "full"),
        ("viber://topsecret-e02c5f12174805f9-daec9cbb5448c51f/0912345678", "full"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/topsecret", "full"),
        ("discord://417421629812345678/topsecret", "full"),
        ("gchat://workspace/key/topsecret", "full"),
        ("ntfys://ntfy.example/topsecret", "full"),
    ],
)
def test_what_may_be_told(url: str, form: str) -> None:
    made = target(url)
    assert made.message_form == form
    shown = (repr(made), made.model_dump_json(), str(made.url), made.masked_address)
    assert not any("topsecret" in text or "0912345678" in text or "an@" in text for text in shown)
    assert "topsecret" not in made.url.reveal() or made.url.reveal() == url


@pytest.mark.parametrize(
    ("url", "said"),
    [
        *(
            (f"{scheme}://topsecret/x", "url is not an address of a service that may be used")
            for scheme in OTHERS
        ),
        ("mailtos:topsecret", "expected SCHEME://HOST:PORT"),
        ("mailtos://an:topsecret@h℀st?to=a@b.c", "expected SCHEME://HOST:PORT"),
        ("mailtos://an:topsecret@host:99999", "expected SCHEME://HOST:PORT"),
        (f"{MAIL}%0d%0aBcc:x@example.com", "control character"),
        (f"{MAIL}%250aBcc:x@example.com", "control character"),
        (f"{MAIL}&name=Th%0AX-Evil: 1", "control character"),
        (f"{MAIL},x@example.com", "to= is one mail address"),
        (f"{MAIL}&to=x@example.com", "twice"),
        (f"{MAIL}&To=x@example.com", "after ? there may be from mode name reply to"),
        (f"{MAIL}&cc=x@example.com", "after ? there may be"),
        (f"{MAIL}&smtp=topsecret.example", "after ? there may be"),
        (f"{MAIL}&verify=no", "after ? there may be"),
        (f"{MAIL}&pgpprv=/etc/shadow", "after ? there may be"),
        (f"{MAIL}&format=html", "after ? there may be"),
        (f"{MAIL}&+X-Evil=1", "after ? there may be"),
        (f"{MAIL}&mode=insecure", "mode= of mailtos:// may be starttls or ssl"),
        (f"{MAIL};cc=x@example.com", "# or ;"),
        (f"{MAIL}#topsecret", "# or ;"),
        ("mailtos://an:top?secret@host?to=a@b.c&from=a@b.c", "expected SCHEME://HOST:PORT"),
        ("smseagle://top?secret@host/0912345678", "after ? there may be"),
        ("mailtos://an:topsecret@host/a@b.c?from=a@b.c", "write the receiver as ?to="),
        ("mailtos://an:topsecret@host?to=a@b.c", "from= is one mail address"),
        ("json://host/x?attach=file:///etc/shadow", "after ? there may be method"),
        ("json://host/x?+Host=other", "after ? there may be method"),
        ("json://host/x?redirect=yes", "after ? there may be method"),
        ("json://host/x?method=DELETE", "method may be POST or PUT"),
        ("smseagle://topsecret@host/0912345678/0987654321", "one receiver"),
        ("smseagle://topsecret@host/0912345678,0987654321", "one receiver"),
        ("smseagle://topsecret@host", "names no receiver"),
    ],
)
def test_what_may_not_be_told(url: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        target(url)
    (told,) = refused.value.errors(include_input=False, include_url=False)
    assert said in told["msg"]
    assert "secret@" not in told["msg"]
    assert "topsecret" not in told["msg"]


def test_a_login_stands_in_the_address_alone() -> None:
    with pytest.raises(ValidationError, match="write the login into url"):
        target(MAIL, secret="mười sáu chữ cái")
    with pytest.raises(ValidationError, match="text of a mail is full"):
        target(MAIL, text="sms")


def test_no_target_shows_more_than_its_host() -> None:
    url = "https://114.example:8443/hook/topsecret?token=topsecret"
    facts = {"id": "t", "kind": "webhook", "url": url, "secret": "mười sáu chữ cái"}
    made = target_of_table(facts)
    assert "topsecret" not in repr(made)
    assert made.masked_address == "https://114.example:8443"
    again = target_of_table(dict(made) | {"url": SecretUrl(made.url.reveal())})
    assert again == made


def test_a_host_is_shown_only_where_no_token_stands_in_its_place() -> None:
    for scheme, service in SERVICES.items():
        assert (scheme in WITH_HOSTS) is (service.host is None), scheme
        shown = str(TargetUrl(f"{scheme}://topsecret.example:8443/x"))
        assert ("topsecret" in shown) is (service.host is None), shown
