"""
The check of addresses: only public addresses and addresses that the host allows may be connected to.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from salesflow.errors import InputError, in_two_languages

from ._errors import WebhookError


Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host for a port."""

_NAT64: Final = ip_network("64:ff9b::/96")
_SITE_LOCAL: Final = ip_network("fec0::/10")


def look_up(host: str, port: int) -> tuple[str, ...]:
    """
    Return the addresses of a host, as the machine's resolver gives them, each once.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def as_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """
    Read networks such as ``10.1.0.0/16``.

    Raises:
        InputError: for a text that is not a network.
    """
    found: list[Network] = []
    for text in texts:
        try:
            found.append(ip_network(text))
        except ValueError as error:
            raise InputError(
                "network",
                text,
                in_two_languages(f"Write it as 10.1.0.0/16 ({error}).", f"请写成 10.1.0.0/16 的形式（{error}）。"),
            ) from None
    return tuple(found)


def checked(host: str, port: int, resolve: Resolve, allowed: Sequence[Network]) -> tuple[str, ...]:
    """
    Look a host up once, and return its addresses, all of which may be connected to.

    Raises:
        WebhookError: it has no address, or an address that is neither public nor allowed.
        OSError: the resolver failed.
    """
    found = tuple(resolve(host, port))
    if not found:
        raise WebhookError(
            host,
            in_two_languages("it has no address.", "没有对应的地址。"),
            in_two_languages("Look at its name.", "请检查其名称。"),
        )
    closed = [text for text in found if not _is_open(_meant(ip_address(text)), allowed)]
    if closed:
        hint = in_two_languages(
            "Only public addresses are connected to; pass allowed=('10.1.0.0/16',) for networks of your own.",
            "只连接公网地址；自有网络请传入 allowed=('10.1.0.0/16',)。",
        )
        raise WebhookError(
            host,
            in_two_languages(
                f"its address {', '.join(closed)} is not public.", f"其地址 {'、'.join(closed)} 不是公网地址。"
            ),
            hint,
        )
    return found


def _is_open(address: Address, allowed: Sequence[Network]) -> bool:
    if any(address in network for network in allowed):
        return True
    return address.is_global and not (address.is_multicast or address.is_reserved or address in _SITE_LOCAL)


def _meant(address: Address) -> Address:
    """
    Return the IPv4 address that an IPv6 address contains (mapped, 6to4, NAT64), or else the address itself.
    """
    if isinstance(address, IPv4Address):
        return address
    nat64 = IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
    return address.ipv4_mapped or address.sixtofour or nat64 or address
