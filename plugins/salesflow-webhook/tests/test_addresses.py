"""
Only public addresses are connected to, whatever they are written in, and those that were allowed.
"""

from __future__ import annotations

import pytest
from salesflow_webhook import WebhookError
from salesflow_webhook._addresses import as_networks, checked, look_up

from salesflow.errors import InputError


def opened(*addresses, allowed=()):
    """
    Return the addresses that a host with these may be reached at.
    """
    return checked("receiver.test", 443, lambda host, port: addresses, as_networks(allowed))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822", "2002:5db8:d822::"]
)
def test_public(address):
    """
    Public addresses are open, also where IPv6 stands for IPv4.
    """
    assert (address,) == opened(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *(
            "224.0.1.1",
            "255.255.255.255",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "fec0::1",
            "ff0e::1",
        ),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::1", "::7f00:1"),
        "2001:0:1::1",
    ],
)
def test_closed(address):
    """
    Everything else is refused, also beside a public address.
    """
    with pytest.raises(WebhookError) as caught:
        opened("93.184.216.34", address)

    assert ("receiver.test", f"its address {address} is not public.") == (caught.value.host, caught.value.problem)
    assert "allowed=" in caught.value.hint


def test_allowed():
    """
    Networks of the host's own are open, and their neighbours are not.
    """
    assert ("10.1.0.8", "::ffff:10.1.0.9") == opened("10.1.0.8", "::ffff:10.1.0.9", allowed=["10.1.0.0/16"])
    with pytest.raises(WebhookError, match=r"10\.2\.0\.8"):
        opened("10.2.0.8", allowed=["10.1.0.0/16"])


def test_no_address():
    """
    A host without addresses is not reached.
    """
    with pytest.raises(WebhookError, match="it has no address"):
        opened()


def test_no_network():
    """
    An invalid network is refused when it is passed.
    """
    with pytest.raises(InputError, match=r"10\.1\.0\.1/16"):
        as_networks(["10.1.0.1/16"])


def test_look_up():
    """
    The machine's resolver reads addresses in whatever way they are written, and each comes once.
    """
    assert ("127.0.0.1",) == look_up("0x7f.1", 443)
