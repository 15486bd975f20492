"""Which IP addresses belong to the public internet, and which lead inside somewhere.

From the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890 and what amends it). The list is ours,
not that of Python's ``is_global``, which has changed between patch releases. Of IPv6 only what is handed out to the
world (2000::/3) counts as public, so every form that carries an IPv4 address inside (mapped, NAT64, local) is
refused by standing outside of it; 6to4 and Teredo, which stand within, are named.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

_INSIDE_4 = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # private
        "100.64.0.0/10",  # behind a provider's translation; clouds keep machine data at 100.100.100.200
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # public by its number, but the inside of one large cloud
        "169.254.0.0/16",  # link-local; clouds hand out machine data and credentials at 169.254.169.254
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",  # protocols, examples, relays to IPv6
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",  # measurements, examples
        "224.0.0.0/4", "240.0.0.0/4",  # multicast; reserved and broadcast
    )
)  # fmt: skip
_PUBLIC_6 = IPv6Network("2000::/3")
_INSIDE_6 = tuple(
    ip_network(text)
    for text in (
        "2001::/23",  # protocols, Teredo and measurements
        "2001:db8::/32", "3fff::/20",  # examples
        "2002::/16",  # 6to4: an IPv4 address inside
    )
)  # fmt: skip


def parsed(text: str) -> Address | None:
    """The address that a resolver gave, without its zone; None when it is none in the usual writing."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether whoever has this address is on the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _INSIDE_4)
    return address in _PUBLIC_6 and not any(address in network for network in _INSIDE_6)
