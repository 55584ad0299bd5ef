"""Where a target may lead: every way to write an address that is none of a target's is refused."""

import asyncio

import pytest

from alerts.delivery.network_guard import AddressRefused, allowed_addresses


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "fe80::1", "::", "ff02::1"],
)
def test_metadata_and_link_local_addresses_are_refused_however_written(host: str) -> None:
    with pytest.raises(AddressRefused, match="which no target may be"):
        asyncio.run(allowed_addresses(host, 80))


def test_who_writes_this_machines_address_means_it() -> None:
    for host in ("127.0.0.1", "::ffff:127.0.0.1"):
        assert asyncio.run(allowed_addresses(host, 80)) == [host]
