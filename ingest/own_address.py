"""Whether an address is one that no name of another machine may lead to. Pure."""

from ipaddress import IPv4Address, IPv6Address

Address = IPv4Address | IPv6Address


def is_own(address: Address) -> bool:
    """Whether an address is this machine itself, link-local, or none of one machine."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    judged: Address = mapped or address
    return (
        judged.is_loopback or judged.is_link_local or judged.is_unspecified or judged.is_multicast
    )
