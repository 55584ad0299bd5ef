"""What is taken from a browser's offer."""

import pytest

from thapcanh.app.live.offer import BadOffer, has_address, without_addresses

OFFER = "\r\n".join(
    (
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "a=fingerprint:sha-256 AA",
        "m=video 9 UDP/TLS/RTP/SAVPF 96",
        "a=ice-ufrag:abcd",
        "a=candidate:1 1 udp 2113937151 10.9.9.9 5000 typ host",
        "a=candidate:2 1 udp 2113937151 a1b2.local 5000 typ host",
        "a=end-of-candidates",
        "a=recvonly",
        "",
    )
)


def test_addresses_are_left_out_and_nothing_else() -> None:
    kept = without_addresses(OFFER)
    assert "10.9.9.9" not in kept
    assert ".local" not in kept
    assert "end-of-candidates" not in kept
    for line in ("v=0", "m=video 9 UDP/TLS/RTP/SAVPF 96", "a=ice-ufrag:abcd", "a=recvonly"):
        assert f"{line}\r\n" in kept


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("", "not an SDP"),
        ("<html>", "not an SDP"),
        (OFFER.replace("m=video", "m=audio"), "no video"),
        (OFFER.replace("a=fingerprint", "a=nothing"), "no encryption"),
        (OFFER.replace("a=ice-ufrag", "a=nothing"), "no encryption or no ICE"),
        (OFFER + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 8, "too many"),
    ],
)
def test_what_is_no_offer_to_watch_is_refused(given: str, why: str) -> None:
    with pytest.raises(BadOffer, match=why):
        without_addresses(given)


def test_an_answer_without_an_address_is_noticed() -> None:
    assert has_address(OFFER)
    assert not has_address(without_addresses(OFFER))
